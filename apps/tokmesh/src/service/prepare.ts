import { describeError } from '@honoscope/logging'
import { type BootstrapOptions, bootstrap } from '../bootstrap.ts'
import { TokMeshError } from '../domain/errors.ts'
import type { Log } from '../log.ts'
import type { Database } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'

/**
 * Brings the schema up to date and makes the first keys, as soon as the database can be reached. Rejects when it can
 * be reached and not be used, or when `signal` says that nobody waits any more.
 */
export async function prepare(
  database: Database,
  firstKeys: Omit<BootstrapOptions, 'embedded'>,
  signal: AbortSignal,
): Promise<void> {
  await retry(() => migrate(database), signal, firstKeys.log)
  const embedded = database.kind === 'embedded'
  await retry(() => bootstrap({ ...firstKeys, embedded }), signal, firstKeys.log)
}

const retryMs = 500

/** Calls `step` until it succeeds, as long as the reason is a database that can't be reached. */
async function retry<T>(step: () => Promise<T>, signal: AbortSignal, log: Log): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await step()
    } catch (error) {
      const unreachable = error instanceof TokMeshError && error.code === 'TM-SYS-5030'
      if (!unreachable || signal.aborted) throw error
      // Once, not twice a second for hours.
      if (attempt === 1)
        log('warn', 'tokmesh.storage', 'the database cannot be reached; trying on', describeError(error))
      await new Promise((resolve) => setTimeout(resolve, retryMs))
    }
  }
}
