import { PGlite } from '@electric-sql/pglite'
import { drizzle as drizzlePg, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite'
import { drizzle as drizzlePostgres, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import pg from 'pg'
import postgres from 'postgres'
import { expectTypeOf, it } from 'vitest'
import { type AnyPgDatabase, instrumentDrizzle } from './index.ts'
import { schema } from './testing/schema.ts'

it('gives back the type that it was given', () => {
  const one = drizzlePostgres(postgres(''), { schema })
  const other = drizzlePg(new pg.Pool(), { schema })
  const third = drizzlePglite(new PGlite())
  expectTypeOf(instrumentDrizzle(one)).toEqualTypeOf(one)
  expectTypeOf(instrumentDrizzle(other)).toEqualTypeOf(other)
  expectTypeOf(instrumentDrizzle(third)).toEqualTypeOf(third)
  expectTypeOf(instrumentDrizzle(one).$client).toEqualTypeOf<postgres.Sql>()
  expectTypeOf(instrumentDrizzle(one)).toExtend<PostgresJsDatabase<typeof schema>>()
  expectTypeOf(instrumentDrizzle(other).query.users.findFirst).toEqualTypeOf(other.query.users.findFirst)
  expectTypeOf<NodePgDatabase>().toExtend<AnyPgDatabase>()
  // @ts-expect-error: no database
  instrumentDrizzle({})
  // @ts-expect-error: no such option
  instrumentDrizzle(one, { tracing: true })
})
