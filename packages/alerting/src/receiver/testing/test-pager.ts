import { type Served, serve } from '@honoscope/testing'

/** A message as the other side of a notifier got it. */
export interface Receipt {
  readonly alerts: readonly string[]
  /** When it came, and came again; by `performance.now()`. */
  readonly at: number[]
}

/** The other side of a notifier, over real HTTP. It drops what it has had already, by `Idempotency-Key`. */
export interface TestPager extends Served {
  /** By message id. */
  readonly receipts: ReadonlyMap<string, Receipt>
  /** While true it answers 503. */
  down: boolean
  /** How often it was asked while it was down. */
  refused: number
  /** How often each alert's state was told, counted once for each message. */
  told(): ReadonlyMap<string, number>
}

/** Starts one. `answerMs`: how long it takes for an answer. */
export async function startPager(answerMs: number): Promise<TestPager> {
  const receipts = new Map<string, Receipt>()
  const served = await serve(async (request) => {
    const alerts: readonly string[] = await request.json()
    if (pager.down) {
      pager.refused++
      return new Response(null, { status: 503 })
    }
    const id = request.headers.get('idempotency-key') ?? ''
    const receipt = receipts.get(id) ?? { alerts, at: [] }
    receipts.set(id, receipt)
    receipt.at.push(performance.now())
    await new Promise((resolve) => setTimeout(resolve, answerMs))
    return new Response(null, { status: 202 })
  })
  const pager: TestPager = {
    ...served,
    receipts,
    down: false,
    refused: 0,
    told() {
      const counts = new Map<string, number>()
      for (const { alerts } of receipts.values()) {
        for (const alert of alerts) counts.set(alert, (counts.get(alert) ?? 0) + 1)
      }
      return counts
    },
  }
  return pager
}
