import { allKeys, audited, manageKeys } from './manage.ts'
import type { Call, Outcome } from './perform.ts'

/** Enables or disables a key. Twice is once. */
export async function setKeyStatus(call: Call, id: string, wanted: 'active' | 'disabled'): Promise<Outcome> {
  return manageKeys(call, async (keys) => {
    const { id: key_id, status, role } = await keys.setStatus(id, wanted)
    const notes = await audited(call, wanted === 'active' ? 'KEY_ENABLED' : 'KEY_DISABLED', key_id)
    const json = { key_id, status, updated_at: Date.now() }
    const text = `${key_id} is ${status}`
    if (wanted === 'active' || role !== 'admin') return { text, json, notes }
    const admins = await allKeys(keys, { role: 'admin', status: 'active' })
    if (admins.some(({ expiresAt }) => expiresAt === 0 || expiresAt > Date.now())) return { text, json, notes }
    const warning = 'No admin key can be used any more'
    return {
      text,
      json: { ...json, warning },
      notes: [...notes, `${warning}; make one with: tokmesh keys create --role admin`],
    }
  })
}
