/** Searches whose first page is measured, over the sessions of `many-sessions.ts`. */
import type { SessionSearch } from '../domain/search.ts'
import { fillTime, sampleKey } from './many-sessions.ts'

const hour = 3_600_000

const filters: Readonly<Record<string, Partial<SessionSearch>>> = {
  'no filter': {},
  'a user': { userId: 'user-7' },
  'a device': { deviceId: 'device-7' },
  'a device that many have': { deviceId: 'web' },
  'a key': { createdBy: sampleKey(7) },
  'an address': { network: '2001:db8:5::7' },
  'an address that many have': { network: '203.0.113.7' },
  'a small network': { network: '2001:db8:5::/48' },
  'a large network': { network: '10.0.0.0/8' },
  'all of IPv4': { network: '0.0.0.0/0' },
  'an hour': { createdFrom: fillTime - 12 * hour, createdBefore: fillTime - 11 * hour },
  'active in the last hour': { activeFrom: fillTime - hour },
  'active in the last minute': { activeFrom: fillTime - 60_000 },
  'a user, active since': { userId: 'user-7', activeFrom: fillTime - 20 * hour },
  'a user, a device': { userId: 'user-7', deviceId: 'device-7' },
  'a key, an hour': { createdBy: sampleKey(7), createdFrom: fillTime - 12 * hour, createdBefore: fillTime - 11 * hour },
  'no such user': { userId: 'nobody' },
  'no such key': { createdBy: 'tmak-x' },
  'no such network': { network: '198.51.100.0/24' },
}

/** The default search. */
export const defaultSearch: SessionSearch = {
  status: 'active',
  sortBy: 'createdAt',
  descending: true,
  offset: 0,
  limit: 20,
}

/** The first page of every filter and usual combination, status, sort and direction, by what it is. */
export const firstPages: Readonly<Record<string, SessionSearch>> = Object.fromEntries(
  Object.entries(filters).flatMap(([name, filter]) =>
    (['active', 'expired'] as const).flatMap((status) =>
      (['createdAt', 'lastActive'] as const).flatMap((sortBy) =>
        [true, false].map((descending) => {
          const search: SessionSearch = { ...defaultSearch, ...filter, status, sortBy, descending }
          return [`${name}: ${status}, ${sortBy} ${descending ? 'desc' : 'asc'}`, search]
        }),
      ),
    ),
  ),
)
