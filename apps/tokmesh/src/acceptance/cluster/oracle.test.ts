import { describe, expect, it } from 'vitest'
import type { Answered } from './ask.ts'
import type { Judged } from './load.ts'
import { createOracle, type Verdict } from './oracle.ts'

const answer = (at: number, more: Partial<Judged> = {}): Judged => ({
  ...{ node: 0, token: 'a', sentAt: at - 2, madeAt: at - 1, receivedAt: at, status: 200, code: 'OK' },
  ...{ data: {}, details: {}, ...more },
})
const revoke: Answered = { ...answer(10_000), sentAt: 9_990, madeAt: 9_999 }

/** How many answers of each kind there are. */
function counts(verdict: Verdict): Record<string, number> {
  const sizes = Object.entries(verdict).map(([kind, found]) => [kind, typeof found === 'number' ? found : found.length])
  return Object.fromEntries(sizes.filter(([, size]) => size !== 0))
}

const judged = (...answers: readonly Judged[]) => {
  const oracle = createOracle()
  oracle.revoked('a', revoke)
  return counts(oracle.judge(answers))
}

describe('the oracle of the revocation tests', () => {
  it('sees a forged acceptance, one millisecond after the bound', () => {
    expect(judged(answer(11_999), answer(12_000), answer(12_001))).toEqual({ acceptedWithin: 2, late: 1 })
  })

  it('sees one that was made late and says so, however early the client asked', () => {
    expect(judged(answer(12_001, { sentAt: 9_000 }))).toEqual({ late: 1 })
  })

  it('sees one that says that it was made in time and came long after', () => {
    expect(judged(answer(15_000, { madeAt: 10_500 }))).toEqual({ delivered: 1 })
  })

  it('takes acceptances before the revoke, and those of other tokens, for what they are', () => {
    expect(judged(answer(9_000), answer(20_000, { token: 'b' }))).toEqual({ acceptedBefore: 2 })
  })

  it('takes a refusal for wrong before anybody had asked for the revoke, and an unknown token always', () => {
    const refused = { status: 401, code: 'TM-TOKN-4012' }
    expect(judged(answer(9_000, refused))).toEqual({ wrong: 1 })
    expect(judged(answer(9_995, refused), answer(13_000, refused))).toEqual({ refused: 2 })
    expect(judged(answer(9_995, { ...refused, token: 'b' }))).toEqual({ wrong: 1 })
    expect(judged(answer(13_000, { status: 401, code: 'TM-TOKN-4010' }))).toEqual({ wrong: 1 })
    expect(judged(answer(13_000, { status: 500, code: 'TM-SYS-5000' }))).toEqual({ wrong: 1 })
  })

  it('counts what was not answered, and what could not be, apart', () => {
    expect(
      judged(answer(13_000, { status: 0, code: 'ECONNREFUSED' }), answer(13_000, { status: 503, code: 'TM-SYS-5030' })),
    ).toEqual({ unanswered: 1, unavailable: 1 })
  })

  it('holds nobody to a revoke that was not acknowledged, nor takes its effect for wrong', () => {
    const oracle = createOracle()
    oracle.revoked('a', { ...revoke, status: 503, code: 'TM-SYS-5030' })
    const verdict = oracle.judge([answer(20_000), answer(20_000, { status: 401, code: 'TM-TOKN-4012' })])
    expect(counts(verdict)).toEqual({ acceptedBefore: 1, refused: 1 })
  })
})
