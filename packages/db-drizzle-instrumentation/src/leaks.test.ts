import { type Exchange, runInScope } from '@honoscope/core'
import { createMetrics } from '@honoscope/metrics'
import { eq, inArray, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dbMetrics, instrumentDrizzle } from './index.ts'
import { drivers, type Opened, type TestDb } from './testing/drivers.ts'
import { fakeTracer } from './testing/fake-tracer.ts'
import { posts, setUp, startData, users } from './testing/schema.ts'

// One in the shape of each thing that is let through somewhere: a text, a number, a SQLSTATE, a code, a class name.
const planted = ['pl4nted secret', '987654321', 'PL4NT', 'PL4NTED_CODE', 'Pl4nted'] as const
const [text, digits] = planted
const number = Number(digits)

/** Statements with a planted value in every position. Most fail, and their errors hold the value. */
const queries: readonly ((db: TestDb) => PromiseLike<unknown>)[] = [
  (db) => db.select().from(users).where(eq(users.email, text)).limit(number),
  (db) =>
    db
      .select()
      .from(users)
      .where(inArray(users.email, [text, digits])),
  (db) => db.select({ literal: sql`${text}`, raw: sql.raw(`'${text}', ${digits}, $$${text}$$`) }).from(users),
  (db) => db.insert(users).values({ email: text, name: digits }),
  // Unique violation: the detail names the value.
  (db) => db.insert(users).values({ email: text, name: digits }),
  (db) => db.update(users).set({ name: text }).where(eq(users.id, number)),
  (db) => db.delete(posts).where(eq(posts.title, text)),
  (db) => db.execute(sql`select ${text}::int`),
  (db) => db.execute(sql`select * from ${users} where ${users.email} = ${text}`.inlineParams()),
  (db) => db.execute(`select '${text}' as one, ${digits} /* ${text} */ -- ${text}`),
  (db) => db.execute(`/* ${text} */ nonsense '${text}`),
  (db) => db.execute(`'${text}'`),
  (db) => db.execute(`do $do$ begin raise notice '${text}'; raise '${text}' using detail = '${text}'; end $do$`),
  (db) => db.query.users.findMany({ where: eq(users.email, text), with: { posts: { limit: number } } }),
  (db) =>
    db
      .select()
      .from(users)
      .where(eq(users.email, sql.placeholder('email')))
      .prepare('placed')
      .execute({ email: text }),
  (db) => db.transaction((tx) => tx.transaction((inner) => inner.insert(posts).values({ userId: 1, title: text }))),
  (db) => db.transaction((tx) => tx.insert(users).values({ email: text, name: digits })),
  // Errors of the app, with a value wherever an error can have one.
  ...planted.map(
    (value) => (db: TestDb) =>
      db.transaction(async () => {
        throw Object.assign(new Error(value), { name: value, detail: value, parameters: [value] })
      }),
  ),
]

for (const driver of drivers) {
  describe(`over ${driver.name}`, () => {
    let opened: Opened
    beforeAll(async () => {
      opened = await driver.open()
      await opened.send(setUp)
      await opened.send(startData)
    })
    afterAll(() => opened.close())

    it('no parameter reaches a span, a metric or an event', async () => {
      const { tracer, spans } = fakeTracer()
      const metrics = createMetrics({ runtime: false })
      const events: unknown[] = []
      const db = instrumentDrizzle(opened.db, {
        metrics: dbMetrics(metrics),
        tracer,
        onSlowQuery: (event) => events.push(event),
        slowQueryMs: 0,
        onNPlusOne: (event) => events.push(event),
        nPlusOneCount: 2,
      })
      const exchange = { addWork() {}, route: '/' } as Partial<Exchange> as Exchange
      const thrown: string[] = []
      await runInScope({ exchange, span: undefined }, async () => {
        for (const query of [...queries, ...queries]) {
          try {
            await query(db)
          } catch (error) {
            const { message, cause } = error as Error
            thrown.push(`${message} ${(cause as { detail?: string } | undefined)?.detail}`)
          }
        }
      })
      // Else the values were never there.
      expect(thrown.filter((message) => message.includes(text)).length).toBeGreaterThan(5)
      expect(thrown.some((message) => message.includes(`(email)=(${text})`))).toBe(true)
      expect(spans.length).toBeGreaterThan(queries.length)
      expect(events.length).toBeGreaterThan(queries.length)

      const told = JSON.stringify([
        spans.map(({ parent: _, ...span }) => span),
        events,
        await metrics.render({ openMetrics: true }),
      ])
      for (const value of planted) expect(told).not.toContain(value)
      expect(told).not.toContain('pl4nted')
      expect(told).toContain('db.query.text')
    })
  })
}
