import type { OwnerApi, PodApi, ScaleApi } from '../remediations/kubernetes-api.ts'

/** The real clients, by version; each is for the runtimes that it can run under. */
export interface RealClient {
  readonly name: string
  /** Why it can't run here; `undefined` when it can. */
  readonly missing: string | undefined
  connect(server: string, ca: string, token: string): Promise<{ core: PodApi; apps: OwnerApi & ScaleApi }>
}

const bun = 'Bun' in globalThis
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const oldNode = !bun && (major < 22 || (major === 22 && minor < 19))

function kubeconfig(server: string, ca: string, token: string) {
  return {
    clusters: [{ name: 'it', server, caData: Buffer.from(ca).toString('base64'), skipTLSVerify: false }],
    users: [{ name: 'it', token }],
    contexts: [{ name: 'it', cluster: 'it', user: 'it' }],
    currentContext: 'it',
  }
}

/** 1.4 speaks through `node-fetch`, which every runtime has; 2 through undici 8. */
export const realClients: readonly RealClient[] = [
  {
    name: '@kubernetes/client-node 1.4',
    missing: undefined,
    async connect(server, ca, token) {
      const { AppsV1Api, CoreV1Api, KubeConfig } = await import('kubernetes-client-1')
      const config = new KubeConfig()
      config.loadFromOptions(kubeconfig(server, ca, token))
      return { core: config.makeApiClient(CoreV1Api), apps: config.makeApiClient(AppsV1Api) }
    },
  },
  {
    name: '@kubernetes/client-node 2.0',
    missing: oldNode ? 'its undici needs Node 22.19' : undefined,
    connect: connectTwo,
  },
]

/** Bun has its own undici, which knows no dispatcher and so not the certificate: there requests go through `fetch`. */
async function connectTwo(server: string, ca: string, token: string) {
  const client = await import('@kubernetes/client-node')
  const config = new client.KubeConfig()
  config.loadFromOptions(kubeconfig(server, ca, token))
  if (!bun) return { core: config.makeApiClient(client.CoreV1Api), apps: config.makeApiClient(client.AppsV1Api) }
  const httpApi = client.wrapHttpLibrary({
    async send(request) {
      const body = request.getBody()
      const response = await fetch(request.getUrl(), {
        method: request.getHttpMethod(),
        headers: request.getHeaders(),
        ...(typeof body === 'string' ? { body } : {}),
        tls: { ca },
      } as RequestInit)
      return new client.ResponseContext(response.status, Object.fromEntries(response.headers), {
        text: () => response.text(),
        binary: async () => Buffer.from(await response.arrayBuffer()),
        stream: () => response.body,
      })
    },
  })
  const baseServer = new client.ServerConfiguration(server, {})
  const configuration = client.createConfiguration({ baseServer, httpApi, authMethods: { default: config } })
  return { core: new client.CoreV1Api(configuration), apps: new client.AppsV1Api(configuration) }
}
