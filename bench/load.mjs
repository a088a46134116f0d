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
 * What to send. Bodies are sent one after the other, again and again; `{n}` in one becomes a number that no other
 * request of this process has.
 *
 * @typedef {{
 *   url: string, method?: string, headers?: Readonly<Record<string, string>>, bodies?: readonly string[],
 *   connections?: number, seconds: number, first?: number,
 * }} Plan
 */

/**
 * @typedef {{ perSecond: number, requests: number, p50Ms: number, p99Ms: number }} Load
 */

/** The tool, for the head of a table. */
export const tool = spawnSync('wrk', ['-v']).error ? 'autocannon' : 'wrk'

let begun = 0

/**
 * Sends requests for some seconds over a fixed number of connections, each of which waits for its answer.
 * Rejects when an answer was not a success: its time would say nothing.
 *
 * @param {Plan} plan
 * @returns {Promise<Load>}
 */
export async function drive(plan) {
  // Runs of one process don't share numbers, nor do processes.
  const first = (Date.now() % 1e9) * 1e6 + begun++ * 1e7
  const complete = { method: 'GET', headers: {}, bodies: [], connections: 50, ...plan, first }
  const { errors, ...load } = await (tool === 'wrk' ? driveWrk(complete) : driveAutocannon(complete))
  if (errors > 0)
    throw new Error(`${plan.url}: ${errors} of ${load.requests} requests were not answered with a success`)
  return load
}

/** @param {Required<Plan>} plan */
async function driveWrk(plan) {
  const folder = mkdtempSync(join(tmpdir(), 'honoscope-bench-'))
  try {
    const script = join(folder, 'load.lua')
    writeFileSync(script, luaOf(plan))
    const args = ['-t1', `-c${plan.connections}`, `-d${plan.seconds}s`, '--timeout', '10s', '-s', script, plan.url]
    const text = await output('wrk', args)
    return JSON.parse(text.slice(text.lastIndexOf('\n{')))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * A script for wrk: the requests without a number are built once.
 *
 * @param {Required<Plan>} plan
 */
function luaOf({ method, headers, bodies, first }) {
  const quote = (/** @type {string} */ text) => `[==[${text}]==]`
  const numbered = bodies.some((body) => body.includes('{n}'))
  return `
wrk.method = ${quote(method)}
${Object.entries(headers)
  .map(([name, value]) => `wrk.headers[ ${quote(name)} ] = ${quote(value)}`)
  .join('\n')}
local bodies = {${bodies.map(quote).join(',')}}
local requests, i, n = {}, 0, ${first}
local function build(body)
  n = n + 1
  return wrk.format(nil, nil, nil, (body:gsub("{n}", string.format("%.0f", n))))
end
function init()
  if #bodies == 0 then requests = { wrk.format() } end
  for k, body in ipairs(bodies) do requests[k] = build(body) end
end
function request()
  i = i % #requests + 1
  return ${numbered ? 'build(bodies[i])' : 'requests[i]'}
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('\\n{"requests":%d,"perSecond":%.1f,"p50Ms":%.3f,"p99Ms":%.3f,"errors":%d}',
    summary.requests, summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000,
    latency:percentile(99) / 1000, e.connect + e.read + e.write + e.status + e.timeout))
end
`
}

/** @param {Required<Plan>} plan */
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
  /** @type {Required<Plan>} */ { url, method, headers, bodies, connections, seconds, first },
) {
  const { default: autocannon } = await import('autocannon')
  let n = first
  /** @param {string} body */
  const request = (body) => ({
    setupRequest: (/** @type {object} */ given) => ({ ...given, body: body.replaceAll('{n}', () => String(n++)) }),
  })
  const options = { url, method, headers, connections, duration: seconds, timeout: 10 }
  const result = await autocannon({ ...options, ...(bodies.length > 0 && { requests: bodies.map(request) }) })
  const { requests, latency, non2xx, errors } = result
  process.stdout.write(
    JSON.stringify({
      requests: requests.total,
      perSecond: requests.total / result.duration,
      p50Ms: latency.p50,
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
