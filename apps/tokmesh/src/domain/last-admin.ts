import type { ApiKeys } from '@honoscope/api-key'

/** Told when the last admin key has been disabled. */
export const noAdminWarning = 'No admin key can be used any more'

const pageSize = 100

/** Whether there is an admin key that opens something at `now`, Unix ms. Rejects as the store of the keys does. */
export async function hasUsableAdmin<Role extends string>(
  keys: Pick<ApiKeys<Role>, 'list'>,
  now: number,
): Promise<boolean> {
  for (let page = 1; ; page++) {
    const { items } = await keys.list({ page, size: pageSize, role: 'admin', status: 'active' })
    if (items.some(({ expiresAt }) => expiresAt === 0 || expiresAt > now)) return true
    if (items.length < pageSize) return false
  }
}
