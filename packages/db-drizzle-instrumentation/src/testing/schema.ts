import { relations } from 'drizzle-orm'
import { integer, pgSchema, pgTable, serial, text } from 'drizzle-orm/pg-core'

export const users = pgTable('users', {
  id: serial('id').primaryKey(),
  email: text('email').notNull().unique(),
  name: text('name').notNull(),
})

/** In a schema of its own. */
export const posts = pgSchema('blog').table('posts', {
  id: serial('id').primaryKey(),
  userId: integer('user_id').notNull(),
  title: text('title').notNull(),
})

export const usersRelations = relations(users, ({ many }) => ({ posts: many(posts) }))
export const postsRelations = relations(posts, ({ one }) => ({
  user: one(users, { fields: [posts.userId], references: [users.id] }),
}))

export const schema = { users, posts, usersRelations, postsRelations }

/** Makes the tables. */
export const setUp = `
  create table users (id serial primary key, email text not null unique, name text not null);
  create schema blog;
  create table blog.posts (id serial primary key, user_id int not null, title text not null);
  create materialized view blog.titles as select title from blog.posts;`

/** Three users, of whom the first has two posts, and nothing else. */
export const startData = `
  truncate users, blog.posts restart identity;
  insert into users (email, name) values ('a@x', 'Ada'), ('b@x', 'Bea'), ('c@x', 'Cid');
  insert into blog.posts (user_id, title) values (1, 'one'), (1, 'two');`
