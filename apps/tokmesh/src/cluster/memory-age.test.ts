/** Whatever is told, asked, answered, lost and repeated, in whatever order: memory is never taken to be newer than it is. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boundMs } from './freshness.ts'
import { createMemoryAge, type Doubt } from './memory-age.ts'

type Asked = ReturnType<ReturnType<typeof createMemoryAge>['ask']>

/** A database with changes, and the way from it to a node, on which everything takes its time. */
function createWorld() {
  let now = 1_000
  let wallOffset = 3_600_000
  let seq = 0
  /** When each change was committed; and those that the node was told of, or forgot everything after. */
  const commits = new Map<number, number>()
  const known = new Set<number>()
  const doubts: Doubt[] = []
  const inbox: string[] = []
  let asked: Asked | undefined
  let answer: number | undefined

  const memory = createMemoryAge({
    clock: { monotonic: () => now, wall: () => now + wallOffset },
    onChange: (change) => known.add(change.seq),
    onForget: () => {
      for (const number of commits.keys()) known.add(number)
    },
    onDoubt: (doubt) => doubts.push(doubt),
  })
  const say = (number: number) => inbox.push(`${number} r 1 - tmss-${number}`)
  const world = {
    ...{ memory, doubts },
    pass: (ms: number) => {
      now += ms
    },
    jump: (ms: number) => {
      wallOffset += ms
    },
    commit() {
      seq += 1
      commits.set(seq, now)
      say(seq)
    },
    deliver: () => {
      const payload = inbox.shift()
      if (payload !== undefined) memory.take(payload)
    },
    /** The question is on its way, then it is answered, then the answer arrives. */
    ask: () => {
      if (asked === undefined) [asked, answer] = [memory.ask(), undefined]
      else if (answer === undefined) answer = seq
      else {
        memory.answer(asked, answer)
        asked = undefined
      }
    },
    /** A notification trails the answer by moments only. */
    settle: () => {
      if (asked !== undefined) return
      while (inbox.length > 0 && memory.applied() < (answer ?? 0)) world.deliver()
    },
    lose: () => void inbox.splice(0, 1),
    skip: () => {
      seq += 5
    },
    forge: (number: number) => memory.take(`${number} r 1 - tmss-x`),
    garble: () => memory.take('x'),
    disconnect() {
      inbox.length = 0
      asked = undefined
      memory.doubt('connection')
    },
    /** A standby takes over that has not got the last changes. */
    failOver() {
      world.disconnect()
      for (const number of [seq, seq - 1]) commits.delete(number)
      seq = Math.max(0, seq - 2)
    },
    /** Changes that were committed by the moment that the memory is said to be from, and are not known. */
    missed: () => {
      const asOf = memory.asOf()
      return [...commits].filter(([number, at]) => at < asOf && !known.has(number)).map(([number]) => number)
    },
    /** All that is under way arrives. */
    calm() {
      while (inbox.length > 0) world.deliver()
      for (let n = 0; n < 9; n++) world.ask()
    },
    age: () => now - memory.asOf(),
  }
  return world
}

type World = ReturnType<typeof createWorld>
const steps: readonly (readonly [number, fc.Arbitrary<(world: World) => void>])[] = [
  [30, fc.constant((world) => world.commit())],
  [30, fc.constant((world) => world.deliver())],
  [30, fc.constant((world) => world.ask())],
  [15, fc.integer({ min: 1, max: 700 }).map((ms) => (world: World) => world.pass(ms))],
  [1, fc.constant((world) => world.lose())],
  [1, fc.constant((world) => world.skip())],
  [1, fc.constant((world) => world.garble())],
  [1, fc.constant((world) => world.disconnect())],
  [1, fc.constant((world) => world.failOver())],
  [1, fc.integer({ min: -5_000, max: 5_000 }).map((ms) => (world: World) => world.jump(ms))],
]
const anyOf = (from: typeof steps) => fc.oneof(...from.map(([weight, arbitrary]) => ({ weight, arbitrary })))
const runOf = (from: typeof steps) => fc.array(anyOf(from), { minLength: 20, maxLength: 150, size: 'max' })

describe('the age of memory', () => {
  it('is never taken to be less than it is', () => {
    let trusted = 0
    fc.assert(
      fc.property(runOf(steps), (taken) => {
        const world = createWorld()
        for (const each of taken) {
          each(world)
          world.pass(0.01)
          expect(world.missed()).toEqual([])
          expect(world.age() === Number.POSITIVE_INFINITY || world.age() < boundMs).toBe(true)
          if (world.age() < boundMs) trusted += 1
        }
        // Whatever has been, it gets over it.
        for (let n = 0; n < 3; n++) world.calm()
        expect(world.age()).toBe(0)
        expect(world.missed()).toEqual([])
      }),
      { numRuns: 300 },
    )
    expect(trusted).toBeGreaterThan(3_000)
  })

  it('is known as long as all goes well, whatever overtakes what', () => {
    const [commit, deliver, ask] = steps
    fc.assert(
      fc.property(runOf([commit, deliver, ask].filter((each) => each !== undefined)), (taken) => {
        const world = createWorld()
        for (const each of taken) {
          each(world)
          // An answer is followed by the next question only when what it spoke of was told.
          world.settle()
        }
        expect(world.doubts).toEqual([])
      }),
    )
  })

  it.each<[Doubt, (world: World) => void]>([
    ['gap', (world) => world.forge(7)],
    ['gap', (world) => world.forge(3)],
    ['gap', (world) => world.skip()],
    ['unreadable', (world) => world.garble()],
    ['late', (world) => world.pass(boundMs)],
    ['late', (world) => world.jump(-3_600_000)],
    ['late', (world) => world.jump(1_500)],
    ['connection', (world) => world.disconnect()],
  ])('is unknown after this: %s', (doubt, happens) => {
    const world = createWorld()
    world.commit()
    world.calm()
    for (let n = 0; n < 2; n++) world.commit()
    world.calm()
    expect([world.age(), world.doubts]).toEqual([0, []])
    happens(world)
    world.memory.asOf()
    for (let n = 0; n < 3; n++) world.ask()
    world.pass(400)
    for (let n = 0; n < 3; n++) world.ask()
    expect(world.doubts).toEqual([doubt])
  })

  it('grows until the change that an answer speaks of was told', () => {
    const world = createWorld()
    world.calm()
    world.pass(300)
    world.commit()
    world.pass(100)
    for (let n = 0; n < 3; n++) world.ask()
    expect(world.age()).toBe(400)
    world.deliver()
    expect(world.age()).toBe(0)
  })

  it('is unknown when the number in the database goes backwards', () => {
    const world = createWorld()
    for (let n = 0; n < 4; n++) world.commit()
    world.calm()
    const asked = world.memory.ask()
    world.memory.answer(asked, 2)
    expect([world.age(), world.doubts]).toEqual([Number.POSITIVE_INFINITY, ['backwards']])
  })
})
