-- What the alert receiver keeps is a database of its own.
create database alerts;
