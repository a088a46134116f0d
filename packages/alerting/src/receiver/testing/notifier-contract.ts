import { inspect } from 'node:util'
import { until } from '@honoscope/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Attempt, type Message, type Notifier, PermanentError } from '../notifier.ts'
import { messageOf, oddMessages, resolvedOf } from './messages.ts'

/** A notifier with the real server that it tells. */
export interface ContractSubject {
  readonly notifier: Notifier
  /** What must not be in an error. */
  readonly secrets: readonly string[]
  /** What the server has taken, one for each message or alert. */
  taken(): readonly string[]
  /** Requests or mails that came, taken or not. */
  came(): number
  /** What the server does from now on. */
  serverIs(state: 'fine' | 'busy' | 'refusing' | 'hanging'): void
  stop(): Promise<void>
}

const attempt = (signal: AbortSignal = AbortSignal.timeout(60_000)): Attempt => ({ number: 1, signal })

/** What holds for every notifier. */
export function notifierContract(kind: string, start: () => Promise<ContractSubject>): void {
  describe(`${kind}, as every notifier`, () => {
    let subject: ContractSubject
    const failing = async (message: Message, signal?: AbortSignal): Promise<Error> => {
      const error = await subject.notifier.send(message, attempt(signal)).then(
        () => new TypeError('it was taken'),
        (reason: unknown) => reason as Error,
      )
      expect(error).toBeInstanceOf(Error)
      expect(error).not.toBeInstanceOf(TypeError)
      const all = `${inspect(error, { depth: 9, showHidden: true })} ${error.stack} ${JSON.stringify(error)}`
      for (const secret of subject.secrets) expect(all).not.toContain(secret)
      return error
    }

    beforeEach(async () => {
      subject = await start()
    })
    afterEach(() => subject.stop())

    it('says of which kind it is', () => expect(subject.notifier.kind).toBe(kind))

    it('resolves when the other side has taken the message, and its end', async () => {
      await subject.notifier.send(messageOf(), attempt())
      expect(subject.taken()).toHaveLength(1)
      await subject.notifier.send(resolvedOf(messageOf()), attempt())
      expect(subject.taken()).toHaveLength(2)
    })

    it('is asked again while the other side is busy, and gets through after that', async () => {
      subject.serverIs('busy')
      expect(await failing(messageOf())).not.toBeInstanceOf(PermanentError)
      expect(subject.taken()).toHaveLength(0)
      subject.serverIs('fine')
      await subject.notifier.send(messageOf(), { ...attempt(), number: 2 })
      expect(subject.taken()).toHaveLength(1)
    })

    it('is not asked again when the other side refuses', async () => {
      subject.serverIs('refusing')
      expect(await failing(messageOf())).toBeInstanceOf(PermanentError)
    })

    it('gives up when it is told to, and would be asked again', async () => {
      subject.serverIs('hanging')
      const controller = new AbortController()
      const failed = failing(messageOf(), controller.signal)
      await until(() => subject.came() > 0)
      controller.abort(new Error('too long'))
      expect(await failed).not.toBeInstanceOf(PermanentError)
    })

    it('sends nothing when it is too late already', async () => {
      expect(await failing(messageOf(), AbortSignal.abort())).not.toBeInstanceOf(PermanentError)
      expect(subject.came()).toBe(0)
    })

    it('is asked again when nobody is there', async () => {
      await subject.stop()
      expect(await failing(messageOf())).not.toBeInstanceOf(PermanentError)
    })

    for (const [what, message] of Object.entries(oddMessages))
      it(`gets a message through that ${what}, and its end`, async () => {
        await subject.notifier.send(message, attempt())
        const firing = subject.taken().length
        expect(firing).toBeGreaterThan(0)
        await subject.notifier.send(resolvedOf(message), attempt())
        expect(subject.taken().length).toBeGreaterThan(firing)
      })
  })
}
