/** Messages whose progress is remembered; more than are ever under way at once. */
const MOST_MESSAGES = 200

/**
 * Remembers which alerts of a message were taken, so that the next attempt starts where the last one ended: a service
 * that takes a hundred a minute would else refuse the same rest for ever. Nothing is lost with it: what is told twice is
 * told under the same key.
 */
export interface Progress {
  /** The incidents of the message with this id that need not be told again; add those that were taken. */
  of(messageId: string): Set<string>
  /** The message is done with. */
  forget(messageId: string): void
}

/** Returns a memory of the last few messages that were not done at once. */
export function createProgress(): Progress {
  const messages = new Map<string, Set<string>>()
  return {
    of(messageId) {
      const told = messages.get(messageId) ?? new Set()
      messages.delete(messageId)
      messages.set(messageId, told)
      const oldest = messages.keys().next()
      if (messages.size > MOST_MESSAGES && !oldest.done) messages.delete(oldest.value)
      return told
    },
    forget: (messageId) => void messages.delete(messageId),
  }
}
