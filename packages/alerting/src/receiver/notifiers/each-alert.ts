import { type MessageAlert, PermanentError } from '../notifier.ts'

/**
 * Tells each alert on its own, a few at a time. One that the other side refuses keeps none of the others from being
 * told; one that fails in passing ends the attempt, since the next would fare alike.
 *
 * Rejects with the passing error, if there was one, so that the message comes again; else with a {@link PermanentError}
 * when any was refused.
 */
export async function forEachAlert(
  alerts: readonly MessageAlert[],
  atOnce: number,
  tell: (alert: MessageAlert) => Promise<void>,
): Promise<void> {
  const refusals: PermanentError[] = []
  const failures: unknown[] = []
  const queue = alerts.values()
  const work = async (): Promise<void> => {
    for (const alert of queue) {
      if (failures.length > 0) return
      await tell(alert).catch((error: unknown) => {
        if (error instanceof PermanentError) refusals.push(error)
        else failures.push(error)
      })
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  if (failures.length > 0) throw failures[0]
  const refusal = refusals[0]
  if (refusal) throw new PermanentError(`${refusal.message} to ${refusals.length} of ${alerts.length} alerts`)
}
