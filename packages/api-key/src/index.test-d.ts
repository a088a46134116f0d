import { Hono } from 'hono'
import { expectTypeOf } from 'vitest'
import { type ApiKeys, apiKey, createApiKeys, type Denial, memoryKeyStore, type VerifiedKey } from './index.ts'

const store = memoryKeyStore()
const keys = createApiKeys({ store, roles: ['metrics', 'issuer', 'admin'] })

// The roles are inferred from what was written.
expectTypeOf(keys).toEqualTypeOf<ApiKeys<'metrics' | 'issuer' | 'admin'>>()
void keys.create({ role: 'issuer' })
// @ts-expect-error not a role
void keys.create({ role: 'root' })
// @ts-expect-error not a role
apiKey({ keys, roles: ['root'] })

// The context has the roles that may pass, and no other.
new Hono()
  .get('/narrow', apiKey({ keys, roles: ['issuer', 'admin'] }), (c) => {
    expectTypeOf(c.get('apiKey')).toEqualTypeOf<VerifiedKey<'issuer' | 'admin'>>()
    return c.text(c.var.apiKey.id)
  })
  .get('/any', apiKey({ keys }), (c) => {
    expectTypeOf(c.get('apiKey').role).toEqualTypeOf<'metrics' | 'issuer' | 'admin'>()
    return c.body(null)
  })
  .get('/optional', apiKey({ keys, optional: true }), (c) => {
    expectTypeOf(c.get('apiKey')).toEqualTypeOf<VerifiedKey<'metrics' | 'issuer' | 'admin'> | undefined>()
    return c.body(null)
  })

// A denial is told apart by its reason.
export function retryAfter(denial: Denial): number {
  if (denial.reason === 'rate') return denial.resetAt
  // @ts-expect-error only a rate has a reset
  return denial.resetAt
}

// Nothing that the managing half returns has a hash.
void keys.create({ role: 'admin' }).then(({ record }) => {
  // @ts-expect-error no hash
  return record.secretHash
})
