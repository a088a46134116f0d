import { expect, it } from 'vitest'
import { resourceAt } from './audit-note.ts'

it.each([
  ['/sessions', '/sessions', ''],
  [
    '/sessions/:session_id/renew',
    '/sessions/TMSS-01HV3Q4K7D0000000000000000/renew?x=/',
    'session:tmss-01hv3q4k7d0000000000000000',
  ],
  ['/sessions/:session_id/renew', '/sessions/tmss-short/renew', ''],
  [
    '/admin/v1/keys/:key_id/status',
    '/admin/v1/keys/tmak-01hv3q4k7d0000000000000000/status',
    'key:tmak-01hv3q4k7d0000000000000000',
  ],
  ['/users/:user_id/sessions/revoke', '/users/a%20%2F%25b/sessions/revoke', 'user:a /%b'],
  ['/users/:user_id/sessions/revoke', '/users/%E0%A4%A/sessions/revoke', ''],
  ['/users/:user_id/sessions/revoke', '/users/%00/sessions/revoke', ''],
  ['/users/:user_id/sessions/revoke', '/users//sessions/revoke', ''],
  ['/users/:user_id/sessions/revoke', '/users/a/sessions/revoke?next=/users/b/', 'user:a'],
  ['unmatched', '/nowhere', ''],
])('%s at %s is about "%s"', (route, path, resource) => {
  expect(resourceAt(route, `http://host:80${path}`)).toBe(resource)
})
