import type { Context, Hono, MiddlewareHandler } from 'hono'
import { askStore } from '../ask-store.ts'
import type { Guard } from '../guard.ts'
import type { AlertStore } from '../store/store.ts'
import type { Time } from '../time.ts'
import { comeAgain, problem } from './problem.ts'

/** @see adminRoutes */
export interface AdminOptions {
  readonly auth: MiddlewareHandler
  readonly store: AlertStore
  readonly guard: Guard
  readonly time: Time
  readonly storeTimeoutMs: number
  readonly wake: () => void
  /** What the process itself knows of its notifiers. */
  readonly notifiers: () => unknown
}

const defaultLimit = 100
const maxLimit = 1_000
const maxQuestions = 10

/** Adds what the one on call asks: what waits, what nobody took, and what was done. */
export function adminRoutes(app: Hono, options: AdminOptions): void {
  const { auth, store, time, wake, notifiers } = options
  const ask = asker(options)
  app.get('/status', auth, (c) =>
    ask(c, async () => {
      const { oldestAt, ...backlog } = await store.backlog()
      const oldestWaitingSeconds = oldestAt === undefined ? 0 : Math.max(0, time.now() - oldestAt) / 1000
      return { ...backlog, oldestWaitingSeconds, notifiers: notifiers() }
    }),
  )
  app.get('/dead-letters', auth, (c) => ask(c, async (limit) => ({ deadLetters: await store.deadLetters(limit) })))
  app.get('/remediations', auth, (c) => ask(c, async (limit) => ({ remediations: await store.remediations(limit) })))
  app.post('/dead-letters/:id/revive', auth, (c) =>
    ask(c, async () => {
      const id = c.req.param('id')
      // PostgreSQL takes no NUL, and ids have none.
      if (id.includes('\0') || !(await store.revive(id, time.now()))) return undefined
      wake()
      return { revived: true }
    }),
  )
}

/** Returns what answers with the result of a question to the store; 404 for `undefined`, 503 when it fails. */
function asker({ guard, time, storeTimeoutMs }: AdminOptions) {
  const ask = askStore({ open: maxQuestions, limitMs: storeTimeoutMs, time })
  return async (c: Context, question: (limit: number) => Promise<object | undefined>): Promise<Response> => {
    const limit = Number(c.req.query('limit') ?? defaultLimit)
    if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit) {
      return problem(400, `limit must be a whole number from 1 to ${maxLimit}.`)
    }
    try {
      const answer = await ask(() => question(limit))
      if (answer === undefined) return problem(404, 'There is no dead letter of that id.')
      c.header('Cache-Control', 'no-store')
      return c.json(answer)
    } catch (error) {
      guard.report({ hook: 'store', error })
      return comeAgain('The store does not answer.')
    }
  }
}
