import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { runtime } from '@honoscope/testing'
import { describe, expect, it } from 'vitest'

const folder = fileURLToPath(new URL('..', import.meta.url))
const setup = `
import { createLogger, stdoutDestination } from '@honoscope/logging'
const logger = createLogger({ name: 'child', now: () => 0 })
const write = (count) => { for (let i = 0; i < count; i++) logger.info('line', { i, text: 'x'.repeat(100) }) }
`
/** Many times what a pipe or socket holds. */
const many = 10_000

/** Runs `code` in a process of its own whose standard output is a socket, or a pipe with a reader behind it. */
function start(code: string, shape: 'socket' | 'pipe' = 'socket') {
  const flags = runtime === 'bun' ? ['--conditions=@honoscope/source'] : ['--input-type=module']
  if (runtime === 'node' && !existsSync(`${folder}/dist/index.js`)) throw new Error('run npm run build first')
  const args = [process.execPath, ...flags, '-e', setup + code]
  const [command = '', ...rest] = shape === 'socket' ? args : ['sh', '-c', '"$@" | cat', 'sh', ...args]
  const child = spawn(command, rest, { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => {})
  let [out, err] = ['', '']
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  const read = () => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
  }
  const ended = once(child, 'close').then(([exitCode, signal]) => ({
    exitCode,
    signal,
    err,
    text: out,
    lines: out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line)),
  }))
  /** Resolves when the child has written `word` to its standard error. */
  const told = async (word: string) => {
    let over = false
    while (!err.includes(word) && !over) over = await Promise.race([sleep(10, false), ended.then(() => true)])
    if (!err.includes(word)) throw new Error(err)
  }
  return { child, read, ended, told }
}

const numbers = (lines: readonly { message: string; i: number }[]) =>
  lines.filter(({ message }) => message === 'line').map(({ i }) => i)
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

describe.each(['socket', 'pipe'] as const)('a process that ends with its %s full', (shape) => {
  it.each([
    ['by itself', '', 0, ''],
    ['by process.exit', 'process.exit(3)', 3, ''],
    ['by an error that nobody caught', 'throw new Error("boom")', 1, 'boom'],
    [
      'by an error in a timer',
      'setTimeout(() => { throw new Error("boom") }, 1); setInterval(() => {}, 1e4)',
      1,
      'boom',
    ],
    ['by a rejection that nobody handled', 'Promise.reject(new Error("boom"))', 1, 'boom'],
  ])('loses no line: %s', async (_, end, code, error) => {
    const { read, ended } = start(`write(${many}); ${end}`, shape)
    read()
    const { lines, exitCode, err } = await ended
    expect(numbers(lines)).toEqual(upTo(many))
    expect(lines).toHaveLength(many)
    // Of a pipeline the shell tells the reader's exit code.
    if (shape === 'socket') expect(exitCode).toBe(code)
    expect(err).toContain(error)
  })
})

describe('a process that is told to stop while its reader is slow', () => {
  const waiting = `setInterval(() => {}, 1e4); write(${many}); process.stderr.write('written');`

  it('has written everything when SIGTERM ends it, and dies of the signal as it would without', async () => {
    const { child, read, ended, told } = start(waiting)
    await told('written')
    child.kill('SIGTERM')
    await sleep(50)
    read()
    const { lines, signal, exitCode } = await ended
    expect(numbers(lines)).toEqual(upTo(many))
    expect([signal, exitCode]).toEqual(['SIGTERM', null])
  })

  it('has written everything of two loggers, each line whole', async () => {
    const other = `const other = createLogger(); for (let i = 0; i < ${many}; i++) { other.info('other', { i }); write(1) };`
    const { child, read, ended, told } = start(other + waiting)
    await told('written')
    child.kill('SIGTERM')
    await sleep(50)
    read()
    const { lines, signal } = await ended
    expect(lines.filter(({ message }) => message === 'other')).toHaveLength(many)
    expect(numbers(lines)).toHaveLength(2 * many)
    expect(signal).toBe('SIGTERM')
  })

  it('dies of the signal when lines wait for several destinations', async () => {
    const other = `const other = createLogger({ destination: stdoutDestination() }); for (let i = 0; i < ${many}; i++) other.info('other', { i });`
    const { child, told } = start(waiting.replace('write(', `${other} write(`))
    await told('written')
    child.kill('SIGTERM')
    // Would hang for ever.
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
    const [, signal] = await once(child, 'exit')
    clearTimeout(timer)
    expect(signal).toBe('SIGTERM')
    child.stdout.resume()
  })

  it('leaves the signal to a service that listens to it, whose last line is the last', async () => {
    const stop = `process.on('SIGTERM', () => { logger.info('stopped'); process.exit(0) });`
    const { child, read, ended, told } = start(stop + waiting)
    await told('written')
    child.kill('SIGTERM')
    await sleep(50)
    read()
    const { lines, exitCode } = await ended
    expect(numbers(lines)).toEqual(upTo(many))
    expect(lines.at(-1)).toMatchObject({ message: 'stopped' })
    expect(exitCode).toBe(0)
  })

  it('ends all the same when nobody reads', async () => {
    const { child, ended, told, read } = start(waiting)
    await told('written')
    const from = performance.now()
    child.kill('SIGTERM')
    await once(child, 'exit')
    expect(performance.now() - from).toBeLessThan(10_000)
    read()
    await ended
  })
})

describe('a reader that stalls', () => {
  it('does not hold the event loop, and costs the lines beyond the buffer, which a line tells', async () => {
    const { child, read, ended, told } = start(`
      const small = createLogger({ destination: stdoutDestination({ maxBufferBytes: 100_000 }) })
      let last = performance.now(), longest = 0
      const beat = setInterval(() => { longest = Math.max(longest, performance.now() - last); last = performance.now() }, 5)
      let i = 0
      const work = setInterval(() => {
        for (let n = 0; n < 100; n++) small.info('line', { i: i++, text: 'x'.repeat(100) })
        if (i === 5000) { clearInterval(work); process.stderr.write('written') }
      }, 2)
      process.stdin.on('data', () => {
        clearInterval(beat)
        small.info('after', { longest })
        process.stdin.destroy()
      })
    `)
    await told('written')
    read()
    await sleep(500)
    child.stdin.write('go')
    const { lines, err } = await ended
    expect(err).toBe('written')
    const seen = numbers(lines)
    expect(seen).toEqual(upTo(seen.length))
    expect(seen.length).toBeLessThan(5000)
    expect(lines.find(({ dropped }) => dropped !== undefined)).toMatchObject({
      level: 'WARN',
      message: `${5000 - seen.length} lines dropped`,
      dropped: 5000 - seen.length,
    })
    // Nothing here takes a second but a write that waits for the reader.
    expect(lines.find(({ message }) => message === 'after')?.longest).toBeLessThan(1000)
  })
})

it('goes on when its reader is gone', async () => {
  const { child, ended, told, read } = start(`
    write(1)
    process.stdin.once('data', () => {
      write(${many})
      process.stderr.write('alive')
      process.exit(0)
    })
  `)
  read()
  child.stdout.once('data', () => {
    child.stdout.destroy()
    setTimeout(() => child.stdin.write('go'), 100)
  })
  await told('alive')
  expect((await ended).exitCode).toBe(0)
})

it('writes the same bytes under Node and Bun', async () => {
  const { read, ended } = start(`
    logger.child({ service: 'shop' }).warn('ünï "quoted" \\n\\u0007', {
      number: 1.5, none: null, absent: undefined, list: [1, [2]], nested: { date: new Date(0) }, big: 10n,
      infinite: Infinity, token: 'x', url: 'postgres://u:p@h/db', lone: '\\ud800', fn() {}, map: new Map(),
    })
  `)
  read()
  expect((await ended).text).toBe(
    '{"timestamp":"1970-01-01T00:00:00.000Z","level":"WARN","logger":"child","message":"ünï \\"quoted\\" \\n\\u0007",' +
      '"service":"shop","number":1.5,"none":null,"list":[1,[2]],"nested":{"date":"1970-01-01T00:00:00.000Z"},"big":10,' +
      '"infinite":null,"token":"***REDACTED***","url":"postgres://u:***REDACTED***@h/db","lone":"\\ud800","map":{}}\n',
  )
})
