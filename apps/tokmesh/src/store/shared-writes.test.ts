import { currentScope, runInScope } from '@honoscope/core'
import { until } from '@honoscope/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type SharedWritesOptions, shareWrites } from './shared-writes.ts'

interface Call {
  readonly id: string
  readonly n: number
}
interface Row {
  readonly id: string
  /** The call that made it. */
  readonly n: number
}
type Options = SharedWritesOptions<Call, Row>

const conflict = new Error('held by another transaction')
const fault = new Error('unreachable')
const late = new Error('too late')

/** Enough for all that is waiting in promises to go on. */
const turn = async () => {
  for (let i = 0; i < 20; i++) await undefined
}

/** A statement that is under way. */
interface Statement {
  readonly calls: readonly Call[]
  readonly isShared: boolean
  readonly scope: ReturnType<typeof currentScope>
  readonly end: (outcome: readonly Row[] | Error) => void
}

/** Shared writes over a database that answers when it is told to. */
function setUp(options: Partial<Options> = {}) {
  const statements: Statement[] = []
  let most = 0
  const start = (calls: readonly Call[], isShared: boolean) =>
    new Promise<readonly Row[]>((resolve, reject) => {
      const statement: Statement = {
        ...{ calls, isShared, scope: currentScope() },
        end(outcome) {
          statements.splice(statements.indexOf(statement), 1)
          if (outcome instanceof Error) reject(outcome)
          else resolve(outcome)
        },
      }
      statements.push(statement)
      most = Math.max(most, calls.length)
    })
  const write = shareWrites<Call, Row>({
    one: async (call) => (await start([call], false))[0],
    many: (calls) => start(calls, true),
    isConflict: (error) => error === conflict,
    tooLate: () => late,
    ...options,
  })
  const outcomes = new Map<number, Row | Error | undefined>()
  let asked = 0
  const ask = (id: string): number => {
    const n = asked++
    write({ id, n }).then(
      (row) => outcomes.set(n, row),
      (error) => outcomes.set(n, error),
    )
    return n
  }
  const underWay = () => statements.map(({ calls }) => calls.map(({ n }) => n))
  return { statements, outcomes, ask, underWay, asked: () => asked, most: () => most, write }
}

const done = (statement: Statement | undefined) => statement?.end(statement.calls)

describe('shared writes', () => {
  it('start the first at once and alone, and those that come meanwhile together when it ends', async () => {
    const { statements, outcomes, ask, underWay } = setUp()
    for (const id of ['a', 'b', 'c', 'd']) ask(id)
    expect(underWay()).toEqual([[0]])
    done(statements[0])
    await turn()
    expect(underWay()).toEqual([[1, 2, 3]])
    expect(outcomes.get(0)).toEqual({ id: 'a', n: 0 })
    ask('e')
    done(statements[0])
    await turn()
    expect(underWay()).toEqual([[4]])
    expect(statements[0]?.isShared).toBe(false)
    expect([...outcomes.keys()]).toEqual([0, 1, 2, 3])
  })

  it('write to a session once in a statement, in the order of the calls', async () => {
    const { statements, outcomes, ask, underWay } = setUp()
    for (const id of ['a', 'a', 'b', 'a', 'b']) ask(id)
    const seen: number[][] = []
    while (statements.length > 0) {
      seen.push(...underWay())
      done(statements[0])
      await turn()
    }
    expect(seen).toEqual([[0], [1, 2], [3, 4]])
    expect(outcomes.size).toBe(5)
  })

  it('send what was passed over alone, while the others go on', async () => {
    const { statements, outcomes, ask, underWay } = setUp()
    for (const id of ['a', 'b', 'c', 'c', 'b']) ask(id)
    done(statements[0])
    await turn()
    statements[0]?.end([{ id: 'c', n: 2 }])
    await turn()
    // The other call for `b` waits for the one that waits for the session.
    expect(underWay()).toEqual([[1], [3]])
    expect(outcomes.get(2)).toEqual({ id: 'c', n: 2 })
    done(statements[1])
    statements[0]?.end([])
    await turn()
    expect(outcomes.get(1)).toBeUndefined()
    expect(outcomes.has(1)).toBe(true)
    expect(underWay()).toEqual([[4]])
  })

  it('fail together, and tell those who waited for the same session that it is held', async () => {
    const { statements, outcomes, ask, underWay } = setUp()
    for (const id of ['a', 'a', 'b']) ask(id)
    statements[0]?.end(conflict)
    await turn()
    expect(outcomes).toEqual(
      new Map([
        [0, conflict],
        [1, conflict],
      ]),
    )
    expect(underWay()).toEqual([[2]])
    for (const id of ['c', 'd', 'c']) ask(id)
    done(statements[0])
    await turn()
    statements[0]?.end(fault)
    await turn()
    expect([3, 4].map((n) => outcomes.get(n))).toEqual([fault, fault])
    // It was not a part of that.
    expect(underWay()).toEqual([[5]])
  })

  it('do not wait longer for a statement that hangs than they have patience', async () => {
    const { statements, ask, underWay } = setUp({ patienceMs: 300 })
    for (const id of ['a', 'b', 'a', 'c']) ask(id)
    await until(() => statements.length > 1)
    expect(underWay()).toEqual([[0], [1, 3]])
    // Whoever waits now waits for the second.
    done(statements[0])
    await turn()
    expect(underWay()).toEqual([[1, 3]])
    await until(() => statements.length > 1)
    expect(underWay()).toEqual([[1, 3], [2]])
  })

  it('give up in time, and do not write then what they had not begun to', async () => {
    const { statements, outcomes, ask, underWay } = setUp({ limitMs: 30, patienceMs: 10_000 })
    for (const id of ['a', 'b', 'c']) ask(id)
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(outcomes).toEqual(
      new Map([
        [1, late],
        [2, late],
      ]),
    )
    ask('d')
    done(statements[0])
    await turn()
    expect(underWay()).toEqual([[3]])
  })

  it('are a part of the request that is alone in them, and of none where they are of several', async () => {
    const { statements, ask } = setUp()
    const scopes = [1, 2, 3, 4].map(() => ({ exchange: undefined, span: undefined }))
    const askIn = (n: number, id: string) => runInScope(scopes[n], () => ask(id))
    for (const [n, id] of ['a', 'b', 'c'].entries()) askIn(n, id)
    expect(statements[0]?.scope).toBe(scopes[0])
    done(statements[0])
    await turn()
    expect(statements[0]?.scope).toBeUndefined()
    askIn(3, 'd')
    statements[0]?.end([{ id: 'b', n: 1 }])
    await turn()
    // Passed over, and alone by chance.
    expect(statements[0]?.scope).toBe(scopes[2])
    expect(statements[1]?.scope).toBe(scopes[3])
  })

  it('settle each call once, with its own outcome, whatever ends when and how', async () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ do: fc.constant('ask' as const), n: fc.nat(4) }) },
      { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('end', 'pass', 'fail', 'conflict'), n: fc.nat(9) }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
        const { statements, outcomes, ask, underWay, asked, most } = setUp({ maxCalls: 3 })
        const expected = new Map<number, Row | Error | undefined>()
        const begun: Call[] = []
        /** Lets one statement end; `pass` changes only each other one of its calls. */
        const end = (how: string, statement: Statement | undefined) => {
          if (!statement) return
          const { calls, isShared } = statement
          if (how === 'fail' || how === 'conflict') {
            const error = how === 'fail' ? fault : conflict
            for (const { n } of calls) expected.set(n, error)
            return statement.end(error)
          }
          const rows = how === 'pass' ? calls.filter((_, at) => at % 2 === 1) : calls
          for (const { n } of isShared ? rows : calls)
            expected.set(
              n,
              rows.find((row) => row.n === n),
            )
          statement.end(rows)
        }
        const look = async () => {
          await turn()
          const now = statements.flatMap(({ calls }) => calls)
          // One at a time for each session.
          expect(new Set(now.map(({ id }) => id)).size).toBe(now.length)
          for (const call of now) if (!begun.includes(call)) begun.push(call)
          // At rest only when nobody waits.
          if (underWay().length === 0) expect(outcomes.size).toBe(asked())
        }
        for (const { do: what, n } of steps) {
          if (what === 'ask') ask(`s${n}`)
          else end(what, statements[n % Math.max(1, statements.length)])
          await look()
        }
        while (statements.length > 0) {
          end('end', statements[0])
          await look()
        }
        expect(outcomes.size).toBe(asked())
        for (const [n, outcome] of outcomes) {
          // Not begun: it stood behind one that found the session held.
          if (begun.some((call) => call.n === n)) expect({ n, outcome }).toEqual({ n, outcome: expected.get(n) })
          else expect(outcome).toBe(conflict)
        }
        for (const id of new Set(begun.map((call) => call.id))) {
          const order = begun.filter((call) => call.id === id).map(({ n }) => n)
          expect(order).toEqual(order.toSorted((a, b) => a - b))
        }
        expect(most()).toBeLessThanOrEqual(3)
      }),
      { numRuns: 300 },
    )
  })
})
