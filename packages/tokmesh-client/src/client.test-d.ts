import { expectTypeOf } from 'vitest'
import {
  createTokMeshClient,
  hasCode,
  type Session,
  type TokenVerdict,
  type TokMeshClient,
  type TokMeshError,
} from './index.ts'

declare const tokmesh: TokMeshClient
declare const error: unknown

expectTypeOf(tokmesh.createSession).parameter(0).toHaveProperty('user_id').toEqualTypeOf<string>()
expectTypeOf(tokmesh.createSession({ user_id: 'u' }))
  .resolves.toHaveProperty('token')
  .toEqualTypeOf<string>()
// @ts-expect-error user_id is required
void tokmesh.createSession({})
// @ts-expect-error no such field
void tokmesh.createSession({ user_id: 'u', ip_address: '192.0.2.1' })
// @ts-expect-error a body is required
void tokmesh.renewSession('tmss-…')
// @ts-expect-error no such status
void tokmesh.setKeyStatus('tmak-…', { status: 'off' })
// @ts-expect-error no such option
void tokmesh.getSession('tmss-…', { timeout: 1 })
// @ts-expect-error a key is required
createTokMeshClient({ url: 'http://127.0.0.1' })

expectTypeOf(tokmesh.getSession('tmss-…')).resolves.toEqualTypeOf<Session>()
expectTypeOf(tokmesh.searchSessions())
  .resolves.toHaveProperty('items')
  .toEqualTypeOf<readonly Pick<Session, keyof Session>[]>()

// What was not asked for is not there.
const { items } = await tokmesh.searchSessions({ user_id: 'u', fields: ['user_id'] })
expectTypeOf(items).toEqualTypeOf<readonly Pick<Session, 'id' | 'user_id'>[]>()
for await (const session of tokmesh.eachSession({ fields: ['device_id'] })) {
  expectTypeOf(session).toEqualTypeOf<Pick<Session, 'id' | 'device_id'>>()
}
const touched = await tokmesh.touchSession('tmss-…', { fields: ['data'] })
expectTypeOf(touched).toEqualTypeOf<
  Pick<Session, 'id' | 'user_id' | 'expires_at' | 'last_active' | 'version' | 'data'>
>()
// @ts-expect-error no such field
void tokmesh.searchSessions({ fields: ['token'] })

const verdict: TokenVerdict = await tokmesh.checkToken('tmtk_…', { touch: true })
if (verdict.valid) expectTypeOf(verdict.session).toEqualTypeOf<Session>()
else expectTypeOf(verdict.reason).toEqualTypeOf<'malformed' | 'unknown' | 'expired' | 'revoked'>()

if (hasCode(error, 'TM-SESS-4040', 'TM-SESS-4041')) {
  expectTypeOf(error).toExtend<TokMeshError>()
  expectTypeOf(error.code).toEqualTypeOf<'TM-SESS-4040' | 'TM-SESS-4041'>()
}
// @ts-expect-error no such code
hasCode(error, 'TM-SESS-9999')
