/** What the tests of the audit log share: calls that are known by their `User-Agent`, and their entries. */
import { expect } from 'vitest'
import { type Answer, adminKey, type CallOptions, type Node, pause } from './support.ts'

/** Public id of a credential. */
export const idOf = (credential: string) => credential.slice(0, credential.indexOf(':'))
/** Id of the key that the tests call with. */
export const admin = idOf(adminKey)
export const keysPath = '/admin/v1/keys'
/** Of no session. */
export const unknownSession = 'tmss-01hzzzzzzzzzzzzzzzzzzzzzzz'
/** Of no key. */
export const unknownKey = 'tmak-01hzzzzzzzzzzzzzzzzzzzzzzz'

// biome-ignore lint/suspicious/noExplicitAny: tests look into entries of every shape.
export type Entry = any

/** Pages through the whole log, newest first. */
export async function wholeLog(node: Node, query = ''): Promise<Entry[]> {
  const entries: Entry[] = []
  for (let page = 1; ; page++) {
    const { data } = await node.call('GET', `/admin/v1/audit/logs?size=100&page=${page}${query}`, { key: adminKey })
    entries.push(...data.items)
    if (data.items.length < 100) return entries
  }
}

/** An answer, and the `User-Agent` of its call. */
export interface Probe extends Answer {
  readonly agent: string
}

let probes = 0
/** Makes a call under a `User-Agent` of its own, by which `entriesOf` finds what was written about it. */
export async function probe(
  node: Node,
  method: string,
  path: string,
  { headers, ...options }: CallOptions = {},
): Promise<Probe> {
  const agent = `probe ${++probes}`
  const answer = await node.call(method, path, {
    key: adminKey,
    headers: { 'User-Agent': agent, ...headers },
    ...options,
  })
  return { ...answer, agent }
}

/** Makes a call and waits until its entry is there: within a second, as the contract says, unless the sink was away. */
export async function caughtUp(node: Node, withinMs = 1000): Promise<void> {
  const marker = await probe(node, 'POST', `/sessions/${unknownSession}/revoke`)
  const startedAt = performance.now()
  while (performance.now() - startedAt < withinMs) {
    // The newest alone: to read all of a long log takes a good part of the second.
    const { data } = await node.call('GET', '/admin/v1/audit/logs', { key: adminKey })
    if (data.items.some(({ user_agent }: Entry) => user_agent === marker.agent)) return
    await pause(20)
  }
  throw new Error(`an entry was not there within ${withinMs} ms`)
}

/** The entries of the calls, oldest first. */
export async function entriesOf(node: Node, ...agents: readonly string[]): Promise<Entry[]> {
  await caughtUp(node)
  return (await wholeLog(node)).filter(({ user_agent }) => agents.includes(user_agent)).reverse()
}

/** A call and its one entry. */
export async function audited(
  node: Node,
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<{ readonly answer: Probe; readonly entry: Entry }> {
  const answer = await probe(node, method, path, options)
  const entries = await entriesOf(node, answer.agent)
  expect(entries).toHaveLength(1)
  return { answer, entry: entries[0] }
}
