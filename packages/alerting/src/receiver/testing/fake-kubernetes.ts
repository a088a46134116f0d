import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'

/** A request that came. */
export interface KubernetesCall {
  readonly method: string
  readonly path: string
  readonly dryRun: boolean
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON came.
  readonly body: any
}

/** Kubernetes's API over HTTPS, as far as it is documented and used: objects by path, preconditions, versions, dry runs. */
export interface FakeKubernetes {
  readonly url: string
  /** Objects by the path that they are read at. */
  readonly objects: Map<string, KubernetesObject>
  readonly calls: KubernetesCall[]
  /** Called before a request is answered. */
  before: (call: KubernetesCall) => void
  /** Answers everything with this status, when set; `hang` never. */
  fails: number | 'hang' | undefined
  stop(): Promise<void>
}

/** @see FakeKubernetes */
export interface KubernetesObject {
  // biome-ignore lint/suspicious/noExplicitAny: objects of many kinds.
  [field: string]: any
  metadata: { uid?: string; resourceVersion?: string; [field: string]: unknown }
}

/** Resolves to an API that `token` opens. */
export async function fakeKubernetes(key: string, cert: string, token: string): Promise<FakeKubernetes> {
  const server = createServer({ key, cert }, async (incoming, response) => {
    const call = await callOf(incoming)
    fake.calls.push(call)
    fake.before(call)
    if (fake.fails === 'hang') return
    const authorized = incoming.headers.authorization === `Bearer ${token}`
    const [status, body] = !authorized
      ? [401, {}]
      : fake.fails
        ? [fake.fails, { message: token }]
        : answer(fake.objects, call)
    response.writeHead(status, { 'content-type': 'application/json', 'x-token': token }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const fake: FakeKubernetes = {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    objects: new Map(),
    calls: [],
    before: () => {},
    fails: undefined,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return fake
}

async function callOf(incoming: IncomingMessage): Promise<KubernetesCall> {
  let text = ''
  for await (const chunk of incoming) text += chunk
  const url = new URL(incoming.url ?? '', 'https://localhost')
  const dryRun = url.searchParams.get('dryRun') === 'All'
  return { method: incoming.method ?? '', path: url.pathname, dryRun, body: text === '' ? undefined : JSON.parse(text) }
}

function answer(
  objects: Map<string, KubernetesObject>,
  { method, path, dryRun, body }: KubernetesCall,
): [number, unknown] {
  const object = objects.get(path)
  if (object === undefined) return [404, { kind: 'Status', reason: 'NotFound' }]
  if (method === 'GET') return [200, object]
  const { uid, resourceVersion } = (method === 'DELETE' ? body?.preconditions : body?.metadata) ?? {}
  if (uid !== undefined && uid !== object.metadata.uid) return [409, { kind: 'Status', reason: 'Conflict' }]
  if (resourceVersion !== undefined && resourceVersion !== object.metadata.resourceVersion)
    return [409, { kind: 'Status', reason: 'Conflict' }]
  if (dryRun) return [200, { ...object, ...(method === 'PUT' ? { spec: body.spec } : {}) }]
  if (method === 'DELETE') objects.delete(path)
  else objects.set(path, { ...object, spec: body.spec, metadata: { ...object.metadata, resourceVersion: 'next' } })
  return [200, object]
}
