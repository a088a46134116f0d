import type { ApiKeys } from '@honoscope/api-key'
import { hasUsableAdmin, noAdminWarning } from '../domain/last-admin.ts'
import type { Role } from '../routes/deps.ts'
import { audited, auditRefusal, manageKeys } from './manage.ts'
import type { Call, Outcome } from './perform.ts'

/** Enables or disables a key. Twice is once. */
export async function setKeyStatus(call: Call, id: string, wanted: 'active' | 'disabled'): Promise<Outcome> {
  return manageKeys(call, async (keys) => {
    const action = wanted === 'active' ? 'KEY_ENABLED' : 'KEY_DISABLED'
    const { id: key_id, status, role } = await auditRefusal(call, action, id, () => keys.setStatus(id, wanted))
    const notes = await audited(call, action, key_id)
    const json = { key_id, status, updated_at: Date.now() }
    const text = `${key_id} is ${status}`
    if (wanted === 'active' || role !== 'admin' || (await mayHaveAdmin(keys))) return { text, json, notes }
    return {
      text,
      json: { ...json, warning: noAdminWarning },
      notes: [...notes, `${noAdminWarning}; make one with: tokmesh keys create --role admin`],
    }
  })
}

/** Whether an admin key is left. What was done is done where that can't be found out, and nobody is warned. */
function mayHaveAdmin(keys: ApiKeys<Role>): Promise<boolean> {
  return hasUsableAdmin(keys, Date.now()).catch(() => true)
}
