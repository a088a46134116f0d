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
  delete from users;
  delete from blog.posts;
  insert into users values (1, 'a@x', 'Ada'), (2, 'b@x', 'Bea'), (3, 'c@x', 'Cid');
  insert into blog.posts values (1, 1, 'one'), (2, 1, 'two');
  select setval('users_id_seq', 3), setval('blog.posts_id_seq', 2);`
