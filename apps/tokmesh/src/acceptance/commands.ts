/** Random calls, as data, and what each does to the service and to the model. */
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Model, ModelSession, ModelState } from './model.ts'
import { type Answer, adminKey, type Node } from './support.ts'

/** One step. `of` picks a session among those made so far. */
export type Command =
  | { readonly do: 'create'; readonly user: number; readonly ttl: number; readonly reuse: boolean; readonly of: number }
  | { readonly do: 'get' | 'touch' | 'revoke'; readonly of: number }
  | { readonly do: 'renew'; readonly of: number; readonly ttl: number }
  | { readonly do: 'validate'; readonly of: number; readonly touch: boolean }
  | { readonly do: 'revokeAll' | 'search'; readonly user: number; readonly expired: boolean }
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'restart' }

const of = fc.nat(20)
const user = fc.nat(1)
const ttl = fc.integer({ min: 1, max: 120 })

/** Sequences of commands; those that take long to carry out are rare. */
export const commands: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('create' as const), user, ttl, reuse: fc.boolean(), of }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('get', 'touch', 'revoke'), of }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('renew' as const), of, ttl }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('validate' as const), of, touch: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('revokeAll', 'search'), user, expired: fc.boolean() }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 90 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  ),
  { minLength: 1, maxLength: 40, size: 'max' },
)

/** What the commands are carried out on. */
export interface World {
  readonly model: Model
  /** Of this sequence alone, as the database outlives it. */
  readonly users: readonly [string, string]
  readonly clock: { now: number }
  node(): Node
  restart(): Promise<void>
}

const outcome = {
  byId: { active: 'OK', expired: 'TM-SESS-4041', revoked: 'TM-SESS-4040', removed: 'TM-SESS-4040' },
  byToken: { active: 'OK', expired: 'TM-TOKN-4011', revoked: 'TM-TOKN-4012', removed: 'TM-TOKN-4010' },
} as const

/** Carries out one command on both and compares. Rejects where they disagree. */
export async function carryOut(command: Command, world: World): Promise<void> {
  const { model, clock } = world
  const now = clock.now
  switch (command.do) {
    case 'wait':
      clock.now += command.seconds * 1000
      return
    case 'restart':
      return world.restart()
    case 'create':
      return create(command, world)
    case 'search':
      return search(command, world)
    case 'revokeAll': {
      const userId = world.users[command.user] ?? ''
      const active = model.activeOf(userId, now)
      const { data } = await post(world, `/users/${userId}/sessions/revoke`)
      expect(data).toEqual({ revoked_count: active.length })
      for (const session of active) model.revoke(session, now)
      return
    }
    default: {
      const session = model.sessions[command.of % Math.max(1, model.sessions.length)]
      if (session) await onSession(command, session, world)
    }
  }
}

const post = (world: World, path: string, body: object = {}) => world.node().call('POST', path, { key: adminKey, body })

async function create(command: Extract<Command, { do: 'create' }>, world: World): Promise<void> {
  const { model, clock } = world
  const userId = world.users[command.user] ?? ''
  const owner = command.reuse ? model.sessions[command.of % Math.max(1, model.sessions.length)] : undefined
  const body = { user_id: userId, ttl_seconds: command.ttl, ...(owner && { token: owner.token }) }
  const states: readonly ModelState[] = owner ? model.statesOf(owner, clock.now) : ['removed']
  const answer = await post(world, '/sessions', body)
  if (model.overQuota(userId, clock.now)) {
    expect(answer.code).toBe('TM-SESS-4002')
    return
  }
  const allowed = states.map((state) => (state === 'removed' ? 'OK' : 'TM-TOKN-4090'))
  expect(allowed).toContain(answer.code)
  if (answer.code !== 'OK') return
  if (owner) {
    // Its token was free again, so its record is gone.
    owner.removed = true
    model.sessions.splice(model.sessions.indexOf(owner), 1)
  }
  const { session_id, token, expires_at } = answer.data
  expect(expires_at).toBe(clock.now + command.ttl * 1000)
  model.create(session_id, token, userId, command.ttl * 1000, clock.now)
}

async function search({ user, expired }: Extract<Command, { do: 'revokeAll' | 'search' }>, world: World) {
  const { model, clock } = world
  const userId = world.users[user] ?? ''
  const status = expired ? 'expired' : 'active'
  const { data } = await world
    .node()
    .call('GET', `/sessions?user_id=${userId}&status=${status}&size=100`, { key: adminKey })
  const found: readonly string[] = data.items.map(({ id }: { id: string }) => id)
  expect(data.total_items).toBe(found.length)
  for (const session of model.sessions.filter((one) => one.userId === userId)) {
    const states = model.statesOf(session, clock.now)
    const listed = found.includes(session.id)
    expect({ states, listed: states.some((state) => (state === status) === listed) }).toEqual({ states, listed: true })
    if (expired && states[0] === 'expired' && !listed) session.removed = true
  }
}

async function onSession(
  command: Extract<Command, { of: number }>,
  session: ModelSession,
  world: World,
): Promise<void> {
  const { model, clock } = world
  const now = clock.now
  const states = model.statesOf(session, now)
  if (command.do === 'revoke') {
    expect((await post(world, `/sessions/${session.id}/revoke`)).code).toBe('OK')
    return model.revoke(session, now)
  }
  const answer = await ask(command, session, world)
  const codes = command.do === 'validate' ? outcome.byToken : outcome.byId
  expect(states.map((state) => codes[state])).toContain(answer.code)
  if (states.includes('removed') && answer.code === codes.removed) session.removed = true
  if (answer.code !== 'OK') return
  if (command.do === 'touch') model.touch(session, now)
  if (command.do === 'validate' && command.touch) model.access(session, now)
  if (command.do === 'renew') {
    model.renew(session, command.ttl * 1000, now)
    expect(answer.data).toEqual({ new_expires_at: session.expiresAt })
    return
  }
  expect(answer.data.session ?? answer.data).toMatchObject({
    ...{ id: session.id, user_id: session.userId, version: session.version },
    ...{ expires_at: session.expiresAt, last_active: session.lastActive },
  })
}

function ask(command: Extract<Command, { of: number }>, { id, token }: ModelSession, world: World): Promise<Answer> {
  switch (command.do) {
    case 'validate':
      return post(world, '/tokens/validate', { token, touch: command.touch })
    case 'renew':
      return post(world, `/sessions/${id}/renew`, { ttl_seconds: command.ttl })
    case 'touch':
      return post(world, `/sessions/${id}/touch`)
    default:
      return world.node().call('GET', `/sessions/${id}`, { key: adminKey })
  }
}
