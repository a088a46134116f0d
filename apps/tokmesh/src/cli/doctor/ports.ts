/** The ports that the service is to listen on. */
import { request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'
import { createServer } from 'node:net'
import { formatHostPort } from '../../config/format.ts'
import type { HostPort } from '../../config/parse.ts'
import type { Config } from '../../config.ts'
import { type Finding, fail, pass } from './check.ts'

/** Whether each port is free, or a running TokMesh's. */
export async function ports(config: Config): Promise<readonly Finding[]> {
  const found: Finding[] = []
  if (config.httpEnabled) found.push(await port('http', config.httpAddress))
  if (config.httpsEnabled) found.push(await port('https', config.httpsAddress))
  return found
}

async function port(scheme: 'http' | 'https', address: HostPort): Promise<Finding> {
  const [check, where] = [`${scheme} port`, formatHostPort(address)]
  const code = await tryToListen(address)
  if (code === undefined) return pass(check, `${where} is free`)
  const choose = `set server.${scheme}.address`
  if (code !== 'EADDRINUSE') return fail(check, `${where} cannot be listened on (${code})`, choose)
  if (await isTokMesh(scheme, address)) return pass(check, `${where} is in use by a running TokMesh`)
  return fail(check, `${where} is in use by another program`, `end that program, or ${choose}`)
}

/** The system's code when it can't be; `undefined` when it can. */
function tryToListen({ host, port }: HostPort): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

const timeout = 2000

/** Whether `/health` there is answered in TokMesh's envelope. A certificate is not looked at: nothing is sent. */
function isTokMesh(scheme: 'http' | 'https', { host, port }: HostPort): Promise<boolean> {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  const ask = scheme === 'http' ? overHttp : overHttps
  return new Promise((resolve) => {
    const target = { host: reachable, port, path: '/health', timeout, rejectUnauthorized: false }
    const asked = ask(target, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      // With telemetry.health.auth_enabled it is a refusal, in the envelope too.
      answer.on('end', () => resolve(/"code":"(OK|TM-)/.test(text) && text.includes('"request_id":')))
      answer.on('error', () => resolve(false))
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(false))
    asked.end()
  })
}
