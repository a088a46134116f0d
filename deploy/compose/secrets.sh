#!/bin/sh
# Makes the secrets of compose.yaml in ./secrets, once: what is there stays. They are random; nobody has to know them.
set -eu
cd "$(dirname "$0")"

# A folder that only its owner enters; the files in it are readable, since containers read them as users of their own.
umask 022
mkdir -p secrets
chmod 700 secrets

# So many characters of a set.
random() {
  LC_ALL=C tr -dc "$1" </dev/urandom | head -c "$2"
}
# Writes standard input, unless the file is there.
keep() {
  if [ -e "secrets/$1" ]; then cat >/dev/null; else cat >"secrets/$1"; fi
}
key() {
  printf 'tmak-01%s:tmas_%s' "$(random '0-9a-hjkmnp-tv-z' 24)" "$(random '0-9A-Za-z' 43)"
}

random '0-9A-Za-z' 32 | keep database-password
printf 'postgres://tokmesh:%s@postgres:5432/tokmesh' "$(cat secrets/database-password)" | keep tokmesh-database-url
printf 'postgres://tokmesh:%s@postgres:5432/alerts' "$(cat secrets/database-password)" | keep alerts-database-url
key | keep tokmesh-admin-key
key | keep tokmesh-metrics-key
random '0-9A-Za-z' 32 | keep alert-receiver-token
random '0-9A-Za-z' 24 | keep grafana-password
chmod 444 secrets/*
