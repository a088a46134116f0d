import { audited, auditRefusal, manageKeys, showTime } from './manage.ts'
import type { Call, Outcome } from './perform.ts'

/** Gives a key a new secret. The credential is in the outcome and nowhere else. */
export async function rotateKey(call: Call, id: string): Promise<Outcome> {
  const { record, secret, oldSecretValidUntil } = await manageKeys(call, (keys) =>
    auditRefusal(call, 'KEY_ROTATED', id, () => keys.rotate(id)),
  )
  const notes = await audited(call, 'KEY_ROTATED', record.id, { old_secret_valid_until: oldSecretValidUntil })
  return {
    text: `${record.id}:${secret}`,
    json: { key_id: record.id, new_key_secret: secret, old_secret_valid_until: oldSecretValidUntil },
    notes: [...notes, `the old secret works until ${showTime(oldSecretValidUntil)}`],
  }
}
