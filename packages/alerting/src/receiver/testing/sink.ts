import type { Attempt, Message, Notifier } from '../notifier.ts'

/** A notifier that keeps what it took. */
export interface Sink extends Notifier {
  readonly taken: Message[]
  /** `<fingerprint> <status>` of each alert that it took, in their order. */
  readonly told: string[]
  /** How often it was asked. */
  calls: number
}

/** Returns one. `first` is asked before it takes a message, and may throw or wait. */
export function sink(first: (message: Message, attempt: Attempt) => unknown = () => {}): Sink {
  const taken: Message[] = []
  const told: string[] = []
  return {
    kind: 'sink',
    taken,
    told,
    calls: 0,
    async send(message, attempt) {
      this.calls++
      await first(message, attempt)
      taken.push(message)
      for (const { fingerprint, status } of message.alerts) told.push(`${fingerprint} ${status}`)
    },
  }
}
