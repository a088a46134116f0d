import { setTimeout as pause } from 'node:timers/promises'
import { currentScope, runInScope, type Scope } from '@honoscope/core'
import { describe, expect, it } from 'vitest'
import { createGate } from './gate.ts'

const late = () => new Error('too late')

describe('a gate', () => {
  it('hands on results and failures', async () => {
    const gate = createGate(1, late)
    expect(await gate.pass(async () => 7, 100)).toBe(7)
    await expect(gate.pass(() => Promise.reject(new Error('no')), 100)).rejects.toThrow('no')
    expect(await gate.pass(async () => 8, 100)).toBe(8)
  })

  it('lets no more in than it has room for, in the order in which they came', async () => {
    const gate = createGate(3, late)
    const started: number[] = []
    let inside = 0
    let most = 0
    const call = (n: number) => async () => {
      started.push(n)
      most = Math.max(most, ++inside)
      await pause(2)
      inside -= 1
    }
    await Promise.all(Array.from({ length: 20 }, (_, n) => gate.pass(call(n), 5_000)))
    expect(most).toBe(3)
    expect(started).toEqual(Array.from({ length: 20 }, (_, n) => n))
  })

  it('waits without a limit where there is none', async () => {
    const gate = createGate(1, late)
    const slow = async () => {
      await pause(30)
      return 7
    }
    const calls = [slow, slow].map((call) => gate.pass(call, Number.POSITIVE_INFINITY))
    expect(await Promise.all(calls)).toEqual([7, 7])
  })

  it('never starts what waited too long, and keeps the room of what hangs', async () => {
    const gate = createGate(1, late)
    let release = () => {}
    const hanging = gate.pass(() => new Promise<void>((resolve) => (release = resolve)), 20)
    let started = 0
    const second = gate.pass(async () => void started++, 20)
    const ended = await Promise.allSettled([hanging, second])
    expect(ended.map((each) => each.status)).toEqual(['rejected', 'rejected'])
    await expect(gate.pass(async () => void started++, 20)).rejects.toThrow('too late')
    release()
    await gate.pass(async () => void started++, 20)
    expect(started).toBe(1)
  })
})

describe('a call that waited', () => {
  it('runs in the scope of its own caller, not of the one that let it in', async () => {
    const gate = createGate(1, () => new Error('too late'))
    const scopeOf = (spanId: string): Scope => ({
      exchange: undefined,
      span: { traceId: '1'.repeat(32), spanId, sampled: true },
    })
    let leave = () => {}
    const released = new Promise<void>((resolve) => {
      leave = resolve
    })
    const first = runInScope(scopeOf('first'), () => gate.pass(() => released, 1_000))
    const seen = runInScope(scopeOf('second'), () => gate.pass(async () => currentScope()?.span?.spanId, 1_000))
    leave()
    await first
    expect(await seen).toBe('second')
  })
})
