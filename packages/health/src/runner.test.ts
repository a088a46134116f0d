import { describe, expect, it } from 'vitest'
import { createHealth, type HealthOptions, type Report, type Time } from './index.ts'

/** A clock that stands still until `pass` moves it, and fires what is due on the way. */
function fakeTime(): Time & { pass(ms: number): Promise<void> } {
  let at = 0
  const due = new Set<{ at: number; run: () => void }>()
  return {
    clock: () => at,
    now: () => at,
    timer: (run, delayMs) => {
      const entry = { at: at + delayMs, run }
      due.add(entry)
      return () => due.delete(entry)
    },
    async pass(ms) {
      at += ms
      for (const entry of [...due].filter((each) => each.at <= at)) {
        due.delete(entry)
        entry.run()
      }
      await settled()
    },
  }
}

/** Lets every promise that can settle do so. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))
const never = (): Promise<never> => new Promise(() => {})

/** A promise that settles when it is told to. */
function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
  let resolve: (value: T) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

/** Readiness with one check, `it`, that counts its runs. */
function counting(run: (signal: AbortSignal) => unknown, options: Partial<HealthOptions> = {}) {
  const time = fakeTime()
  let runs = 0
  const check = (signal: AbortSignal): unknown => {
    runs += 1
    return run(signal)
  }
  const health = createHealth({ ready: { it: check }, ...time, ...options })
  return { health, time, runs: () => runs, status: async () => (await health.check('ready')).checks.it?.status }
}

describe('timeout', () => {
  it('answers without the check when the time is over, and aborts its signal', async () => {
    let signal: AbortSignal | undefined
    const { health, time } = counting(
      (given) => {
        signal = given
        return never()
      },
      { timeoutMs: 200 },
    )
    let report: Report | undefined
    void health.check('ready').then((found) => {
      report = found
    })
    await time.pass(199)
    expect(report).toBeUndefined()
    expect(signal?.aborted).toBe(false)
    await time.pass(1)
    expect(report).toMatchObject({
      ok: false,
      checks: { it: { status: 'fail', latencyMs: 200, message: 'timed out after 200 ms' } },
    })
    expect(signal?.aborted).toBe(true)
    expect(signal?.reason).toMatchObject({ name: 'TimeoutError' })
  })

  it('is each check’s own, and the checks run in parallel', async () => {
    const health = createHealth({
      timeoutMs: 10_000,
      ready: {
        slow: { check: never, timeoutMs: 60 },
        slower: { check: never, timeoutMs: 120 },
        quick: () => true,
      },
    })
    const startedAt = performance.now()
    const { checks } = await health.check('ready')
    const tookMs = performance.now() - startedAt
    expect(tookMs).toBeGreaterThan(110)
    // Half of the default above, far more than the 120 ms of the slowest check: only a wait for the hanging one takes that long.
    expect(tookMs).toBeLessThan(5_000)
    expect(checks).toMatchObject({
      slow: { status: 'fail', message: 'timed out after 60 ms' },
      slower: { status: 'fail', message: 'timed out after 120 ms' },
      quick: { status: 'pass' },
    })
  })

  it('leaves no timer behind when the check answers in time', async () => {
    const armed = new Set<object>()
    const { health } = counting(() => true, {
      timer: () => {
        const handle = {}
        armed.add(handle)
        return () => void armed.delete(handle)
      },
    })
    await health.check('ready')
    expect(armed.size).toBe(0)
  })

  it('never turns a late failure into an unhandled rejection', async () => {
    const unhandled: unknown[] = []
    const note = (error: unknown): void => void unhandled.push(error)
    process.on('unhandledRejection', note)
    const late = deferred<never>()
    const { health, time } = counting(() => late.promise, { timeoutMs: 10 })
    const report = health.check('ready')
    await time.pass(10)
    expect((await report).ok).toBe(false)
    late.reject(new Error('too late'))
    await settled()
    await settled()
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })

  it('keeps its verdict when the check passes later', async () => {
    const late = deferred<boolean>()
    const { health, time, status } = counting(() => late.promise, { timeoutMs: 10, cacheMs: 1000 })
    const report = health.check('ready')
    await time.pass(10)
    expect((await report).ok).toBe(false)
    late.resolve(true)
    await settled()
    expect(await status()).toBe('fail')
  })
})

describe('cache and deduplication', () => {
  it('makes one run of 1,000 concurrent probes', async () => {
    const answer = deferred<boolean>()
    const { health, runs } = counting(() => answer.promise)
    const app = health.routes()
    const responses = Array.from({ length: 1000 }, () => app.request('/health/ready'))
    await settled()
    answer.resolve(true)
    expect(new Set((await Promise.all(responses)).map((response) => response.status))).toEqual(new Set([200]))
    expect(runs()).toBe(1)
  })

  it('serves a result again for cacheMs, passed or failed, and then asks anew', async () => {
    for (const passes of [true, false]) {
      const { time, runs, status } = counting(() => passes, { cacheMs: 500 })
      const expected = passes ? 'pass' : 'fail'
      expect(await status()).toBe(expected)
      await time.pass(499)
      expect(await status()).toBe(expected)
      expect(runs()).toBe(1)
      await time.pass(1)
      expect(await status()).toBe(expected)
      expect(runs()).toBe(2)
    }
  })

  it('asks each time with cacheMs 0', async () => {
    const { runs, status } = counting(() => true, { cacheMs: 0 })
    await status()
    await status()
    expect(runs()).toBe(2)
  })
})

describe('a check that never settles', () => {
  it('is failed at once while it hangs, tried again after pauses that double up to 30 s', async () => {
    const { health, time, runs } = counting(never, { timeoutMs: 1000, cacheMs: 0 })
    const startedAt: number[] = []
    for (let second = 0; second < 200; second += 1) {
      const before = runs()
      const report = health.check('ready')
      if (runs() > before) startedAt.push(second)
      await time.pass(1000)
      expect((await report).checks.it).toMatchObject({ status: 'fail', message: 'timed out after 1000 ms' })
    }
    // Each run hangs for its second; the pauses between are 1, 2, 4, 8, 16 and then 30 seconds.
    expect(startedAt).toEqual([0, 2, 5, 10, 19, 36, 67, 98, 129, 160, 191])
  })

  it('passes again within 30 s once a later run does, though the early ones hang for ever', async () => {
    let cured = false
    const { health, time, status } = counting(() => (cured ? true : never()), { timeoutMs: 1000, cacheMs: 0 })
    for (let second = 0; second < 70; second += 1) {
      void health.check('ready')
      await time.pass(1000)
    }
    cured = true
    expect(await status()).toBe('fail')
    await time.pass(30_000)
    expect(await status()).toBe('pass')
    // The early ones hang still, and slow nothing down any more.
    cured = false
    void health.check('ready')
    await time.pass(1000)
    expect(await status()).toBe('fail')
    cured = true
    await time.pass(1000)
    expect(await status()).toBe('pass')
  })

  it('is tried again at once when its hanging runs have settled', async () => {
    const hung = deferred<boolean>()
    let cured = false
    const { health, time, status } = counting(() => (cured ? true : hung.promise), { timeoutMs: 1000, cacheMs: 0 })
    void health.check('ready')
    await time.pass(1000)
    cured = true
    expect(await status()).toBe('fail')
    hung.resolve(true)
    await settled()
    expect(await status()).toBe('pass')
  })
})

describe('skip', () => {
  it('follows a function from probe to probe and never runs what is skipped', async () => {
    let configured = false
    let runs = 0
    const check = (): boolean => {
      runs += 1
      return false
    }
    const health = createHealth({ ready: { ai: { check, skip: () => !configured } } })
    expect(await health.check('ready')).toMatchObject({ ok: true, checks: { ai: { status: 'skip', latencyMs: 0 } } })
    expect(runs).toBe(0)
    configured = true
    expect(await health.check('ready')).toMatchObject({ ok: false, checks: { ai: { status: 'fail' } } })
    expect(runs).toBe(1)
    configured = false
    expect((await health.check('ready')).ok).toBe(true)
    configured = true
    expect(await health.check('ready')).toMatchObject({ ok: false, checks: { ai: { status: 'fail' } } })
  })

  it('fails, and does not reject, when the function throws', async () => {
    const skip = (): boolean => {
      throw new Error('postgres://user:hunter2@db')
    }
    const report = await createHealth({ ready: { ai: { check: () => true, skip } } }).check('ready')
    expect(report.checks.ai).toEqual({ status: 'fail', latencyMs: 0, message: 'failed' })
  })
})
