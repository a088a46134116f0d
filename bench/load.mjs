/**
 * Drives a server over HTTP from a process of its own: with wrk where it is installed, else with autocannon.
 *
 * @module
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * What to send. Bodies are sent one after the other, again and again, each to the path that stands beside it, or to that
 * of the URL; `{n}` in a path or a body becomes a number that no other request has: 16 digits, counted from `first`. With
 * several URLs, of one path, the connections are shared out among them.
 *
 * @typedef {string | Readonly<{ path: string, body: string }>} Body
 * @typedef {{
 *   url: string | readonly string[], method?: string, headers?: Readonly<Record<string, string>>,
 *   bodies?: readonly Body[], connections?: number, seconds: number, first?: number, tolerated?: number,
 * }} Plan
 */

/**
 * @typedef {{
 *   perSecond: number, requests: number, errors: number, p50Ms: number, p95Ms: number, p99Ms: number
 * }} Load
 */

/** The tool, for the head of a table. */
export const tool = spawnSync('wrk', ['-v']).error ? 'autocannon' : 'wrk'

let begun = 0

/**
 * Sends requests for some seconds over a fixed number of connections, each of which waits for its answer.
 * Rejects when more than the tolerated part of the answers, by default any, was not a success: their times would say
 * nothing.
 *
 * @param {Plan} plan
 * @returns {Promise<Load>}
 */
export async function drive(plan) {
  // Runs of one process don't share numbers, nor do processes.
  const first = 1e15 + (Date.now() % 1e9) * 1e6 + begun++ * 1e7
  const { url, bodies = [], tolerated = 0, ...rest } = plan
  const urls = typeof url === 'string' ? [url] : url
  const path = new URL(urls[0] ?? '').pathname
  const complete = {
    ...{ method: 'GET', headers: {}, connections: 50, first },
    ...rest,
    urls,
    bodies: bodies.map((body) => (typeof body === 'string' ? { path, body } : body)),
  }
  const load = await (tool === 'wrk' ? driveWrk(complete) : driveAutocannon(complete))
  const { errors, requests } = load
  if (errors > tolerated * requests)
    throw new Error(`${urls[0]}: ${errors} of ${requests} requests were not answered with a success`)
  return load
}

/**
 * @typedef {{
 *   urls: readonly string[], method: string, headers: Readonly<Record<string, string>>,
 *   bodies: readonly { path: string, body: string }[], connections: number, seconds: number, first: number,
 * }} CompletePlan
 */

/** @param {CompletePlan} plan */
async function driveWrk(plan) {
  const folder = mkdtempSync(join(tmpdir(), 'honoscope-bench-'))
  try {
    const script = join(folder, 'load.lua')
    writeFileSync(script, luaOf(plan))
    // A thread for each server: wrk gives each its part of the connections, and adds up what they measured.
    const size = [`-t${plan.urls.length}`, `-c${plan.connections}`, `-d${plan.seconds}s`]
    const args = [...size, '--timeout', '10s', '-s', script, plan.urls[0] ?? '']
    const text = await output('wrk', args)
    return JSON.parse(text.slice(text.lastIndexOf('\n{')))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * A script for wrk: the requests without a number are built once.
 *
 * @param {CompletePlan} plan
 */
function luaOf({ urls, method, headers, bodies, first }) {
  const quote = (/** @type {string} */ text) => `[==[${text}]==]`
  const hosts = urls.map((url) => new URL(url))
  return `
wrk.method = ${quote(method)}
${Object.entries(headers)
  .map(([name, value]) => `wrk.headers[ ${quote(name)} ] = ${quote(value)}`)
  .join('\n')}
local hosts = {${hosts.map(({ hostname, port }) => `{${quote(hostname)},${quote(port)}}`).join(',')}}
local paths = {${bodies.map(({ path }) => quote(path)).join(',')}}
local bodies = {${bodies.map(({ body }) => quote(body)).join(',')}}
local requests, i, n, threads = {}, 0, 0, 0
function setup(thread)
  local host = hosts[threads % #hosts + 1]
  thread.addr = wrk.lookup(host[1], host[2])[1]
  thread:set("lane", threads)
  threads = threads + 1
end
local function numbered(text)
  return (text:gsub("{n}", string.format("%.0f", n)))
end
function init()
  n = ${first} + lane
  if #bodies == 0 then requests = { wrk.format() } end
  for k, body in ipairs(bodies) do
    local is_numbered = (paths[k] .. body):find("{n}", 1, true)
    requests[k] = not is_numbered and wrk.format(nil, paths[k], nil, body)
  end
end
function request()
  i = i % math.max(1, #bodies) + 1
  if requests[i] then return requests[i] end
  local text = wrk.format(nil, numbered(paths[i]), nil, numbered(bodies[i]))
  n = n + #hosts
  return text
end
function done(summary, latency)
  local e = summary.errors
  local function ms(part) return latency:percentile(part) / 1000 end
  io.write(string.format('\\n{"requests":%d,"perSecond":%.1f,"p50Ms":%.3f,"p95Ms":%.3f,"p99Ms":%.3f,"errors":%d}',
    summary.requests, summary.requests / summary.duration * 1e6, ms(50), ms(95), ms(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
`
}

/** @param {CompletePlan} plan */
async function driveAutocannon(plan) {
  const text = await output('node', [fileURLToPath(import.meta.url), JSON.stringify(plan)])
  return JSON.parse(text)
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<string>}
 */
function output(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', (chunk) => {
      text += chunk
    })
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`${command} ended with ${code}`))))
  })
}

/** The process with autocannon, so that it doesn't share an event loop with what it measures. */
async function runAutocannon(
  /** @type {CompletePlan} */ { urls, method, headers, bodies, connections, seconds, first },
) {
  const { default: autocannon } = await import('autocannon')
  let n = first - 1
  /** @param {{ path: string, body: string }} request */
  const request = ({ path, body }) => ({
    setupRequest(/** @type {object} */ given) {
      if (`${path}${body}`.includes('{n}')) n++
      return { ...given, path: path.replaceAll('{n}', `${n}`), body: body.replaceAll('{n}', `${n}`) }
    },
  })
  const options = { url: [...urls], method, headers, connections, duration: seconds, timeout: 10 }
  const result = await autocannon({ ...options, ...(bodies.length > 0 && { requests: bodies.map(request) }) })
  const { requests, latency, non2xx, errors } = result
  process.stdout.write(
    JSON.stringify({
      requests: requests.total,
      perSecond: requests.total / result.duration,
      p50Ms: latency.p50,
      // The next that it tells.
      p95Ms: latency.p97_5,
      p99Ms: latency.p99,
      errors: non2xx + errors,
    }),
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runAutocannon(JSON.parse(process.argv[2] ?? ''))

/**
 * Milliseconds of CPU time that a process has taken, and the MiB of memory that it has in use; NaN off Linux.
 *
 * @param {number} pid
 */
export function usageOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Fields are counted behind the name, which may hold blanks; the 14th and 15th are in hundredths of a second.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const rss = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return { cpuMs: (Number(fields[11]) + Number(fields[12])) * 10, rssMiB: Number(rss?.[1]) / 1024 }
  } catch {
    return { cpuMs: Number.NaN, rssMiB: Number.NaN }
  }
}
