import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cheapArgon2 } from '../acceptance/support.ts'
import { readConfig } from '../config.ts'
import { createAuditStore } from '../store/audit.ts'
import { openDatabase } from '../store/database.ts'
import { type DatabaseUnderTest, databaseKinds, openTestDatabase } from '../testing/databases.ts'
import { createKey } from './keys-create.ts'
import { rotateKey } from './keys-rotate.ts'
import { setKeyStatus } from './keys-status.ts'
import type { Call } from './perform.ts'

const unknown = 'tmak-01hzzzzzzzzzzzzzzzzzzzzzzz'
const { config } = readConfig(cheapArgon2)

describe.each(databaseKinds)('what the command line does to a key, on %s', (kind) => {
  let opened: DatabaseUnderTest
  let call: Call
  beforeAll(async () => {
    opened = await openTestDatabase(kind)
    call = { config, database: opened.database }
  })
  beforeEach(() => opened.empty())
  afterAll(() => opened?.close())

  const audited = async (count: number) => {
    const { items } = await createAuditStore(opened.database).query({ page: 1, size: count })
    return items.map(({ operatorId, action, result, resource, details }) =>
      [operatorId, action, result, resource, details.code ?? ''].join(' '),
    )
  }

  it('is in the audit log when it is refused, too', async () => {
    const plain = { role: 'issuer', description: '', allowed: [], rateLimit: 1 } as const
    const { json } = await createKey(call, { ...plain, expiresAt: 1 })
    const { key_id: expired } = json as { key_id: string }
    await expect(setKeyStatus(call, unknown.toUpperCase(), 'disabled')).rejects.toThrow('there is no key with this id')
    await expect(setKeyStatus(call, unknown, 'active')).rejects.toThrow('there is no key with this id')
    await expect(rotateKey(call, expired)).rejects.toThrow('expired')
    await expect(rotateKey(call, 'victim@example.com')).rejects.toThrow('there is no key with this id')
    expect(await audited(5)).toEqual([
      'system KEY_ROTATED FAILURE  TM-ADMIN-4041',
      `system KEY_ROTATED FAILURE key:${expired} TM-ARG-1003`,
      `system KEY_ENABLED FAILURE key:${unknown} TM-ADMIN-4041`,
      `system KEY_DISABLED FAILURE key:${unknown} TM-ADMIN-4041`,
      `system KEY_CREATED SUCCESS key:${expired} `,
    ])
  })

  it('warns of the last admin key that is disabled, and of no other', async () => {
    const admin = { role: 'admin', description: '', allowed: [], rateLimit: 1 } as const
    const made = [await createKey(call, admin), await createKey(call, admin)]
    const [first = '', second = ''] = made.map(({ json }) => (json as { key_id: string }).key_id)
    expect((await setKeyStatus(call, first, 'disabled')).json).not.toHaveProperty('warning')
    expect((await setKeyStatus(call, second, 'disabled')).json).toHaveProperty('warning')
    expect((await audited(2)).map((entry) => entry.split(' ')[2])).toEqual(['SUCCESS', 'SUCCESS'])
  })
})

it('says what is wrong with a database that is not there', async () => {
  const database = await openDatabase({ dataDir: 'memory://' })
  await database.close()
  await expect(setKeyStatus({ config, database }, unknown, 'disabled')).rejects.toMatchObject({ code: 'TM-SYS-5030' })
})
