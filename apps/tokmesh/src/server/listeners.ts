/** The ports of the service: plain HTTP, HTTPS, or both. */
import { formatHostPort } from '../config/format.ts'
import { flagOf, keys, variableOf } from '../config/keys.ts'
import type { HostPort } from '../config/parse.ts'
import type { Config } from '../config.ts'
import { refuseUnread } from '../http/refusal.ts'
import { type Fetch, type Listener, listen, type TlsFiles } from '../listener.ts'
import type { Log } from '../log.ts'
import { messageOf } from '../message-of.ts'

/** A port that is open. */
export interface OpenListener extends Listener {
  readonly host: string
  readonly secure: boolean
  /** `http://127.0.0.1:5080`. */
  readonly url: string
}

/**
 * Opens every port that is enabled, or none: rejects with a sentence when one can't be. Nothing is answered before
 * all are open. `onTlsReload` is told of each change of the TLS files, with what is wrong with it.
 */
export async function openListeners(
  config: Config,
  fetch: Fetch,
  log: Log,
  onTlsReload: TlsFiles['onReload'],
): Promise<readonly OpenListener[]> {
  const opened: OpenListener[] = []
  let allOpen = () => {}
  let ready: Promise<void> | undefined = new Promise((resolve) => {
    allOpen = resolve
  })
  // Who is told that the service is ready may go to its other port.
  const answer: Fetch = (request, env) => (ready ? ready.then(() => fetch(request, env)) : fetch(request, env))
  const open = async (secure: boolean, { host, port }: HostPort) => {
    const tls = secure ? { tls: tlsOf(config, log, onTlsReload) } : {}
    const listener = await listen({ fetch: answer, host, port, refuse: refuseUnread, ...tls }).catch((error) => {
      throw new Error(listenProblem(error, secure, { host, port }), { cause: error })
    })
    const url = `${secure ? 'https' : 'http'}://${formatHostPort({ host, port: listener.port })}`
    opened.push({ ...listener, host, secure, url })
  }
  try {
    if (config.httpEnabled) await open(false, config.httpAddress)
    if (config.httpsEnabled) await open(true, config.httpsAddress)
    allOpen()
    ready = undefined
    return opened
  } catch (error) {
    await Promise.all(opened.map((listener) => listener.close()))
    throw error
  }
}

function tlsOf(config: Config, log: Log, onTlsReload: TlsFiles['onReload']): TlsFiles {
  const { tlsCertFile, tlsKeyFile, tlsClientCaFile } = config
  const changes = ['server.https.tls']
  return {
    certFile: tlsCertFile,
    keyFile: tlsKeyFile,
    clientCaFile: tlsClientCaFile || undefined,
    onReload(error) {
      onTlsReload(error)
      const fields = { event: 'config_reloaded', changes, status: error ? 'failed' : 'applied' }
      if (!error) return log('info', 'tokmesh.config', 'the TLS files were changed and are in use', fields)
      const message = 'the TLS files were changed and cannot be used; the old ones stay'
      log('error', 'tokmesh.config', message, { ...fields, cause: error.message })
    },
  }
}

function listenProblem(error: unknown, secure: boolean, address: HostPort): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const { path } = secure ? keys.httpsAddress : keys.httpAddress
  const where = `cannot listen on ${formatHostPort(address)}`
  // A TLS file that was in order when the configuration was checked.
  if (typeof code === 'string' && code.startsWith('TM-CFG-')) return `${code} ${messageOf(error)}`
  const choose = `set ${path} (${variableOf(path)} or ${flagOf(path)})`
  if (code === 'EADDRINUSE') return `${where}: the port is taken; stop the other process or ${choose}`
  if (code === 'EACCES') return `${where}: this user may not open that port; choose one above 1023, ${choose}`
  if (code === 'EADDRNOTAVAIL') return `${where}: this machine has no such address; ${choose}`
  return `${where}: ${messageOf(error)}`
}
