/** Runtime, clock and Argon2id of this machine. */
import { createApiKeys, memoryKeyStore } from '@honoscope/api-key'
import type { Config } from '../../config.ts'
import { roles } from '../../routes/deps.ts'
import { version } from '../../version.ts'
import { type Finding, fail, pass, warn } from './check.ts'

/** Whether the runtime is one that TokMesh is tested on. */
export function runtimeVersion(): Finding {
  const { bun, node } = process.versions
  const [name, found, least] = bun === undefined ? ['Node', node, [20, 19]] : ['Bun', bun, [1, 4]]
  const text = `${name} ${found}, TokMesh ${version}`
  const [major = 0, minor = 0] = found.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = least
  const enough = major > leastMajor || (major === leastMajor && minor >= leastMinor)
  return enough ? pass('runtime', text) : fail('runtime', text, `use ${name} ${least.join('.')} or newer`)
}

// Before this program was written: a clock that says so has not been set.
const earliest = Date.UTC(2026, 0, 1)

/** Whether the clock of this machine can be right. All times of TokMesh are UTC, whatever the zone. */
export function clock(now: number = Date.now()): Finding {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const text = `${new Date(now).toISOString()}, time zone ${zone}`
  return now > earliest ? pass('clock', text) : fail('clock', text, 'set the clock, e.g. with NTP')
}

const slowMs = 500

/** Whether Argon2id works here, and how long a hash takes at the configured cost. */
export async function argon2(config: Config): Promise<readonly Finding[]> {
  const { argon2MemoryKib: memoryKiB, argon2Iterations: iterations, argon2Parallelism: parallelism } = config
  const keys = createApiKeys({ store: memoryKeyStore(), roles, argon2: { memoryKiB, iterations, parallelism } })
  // The first one loads the library.
  await keys.create({ role: 'metrics' })
  const since = performance.now()
  await keys.create({ role: 'metrics' })
  const ms = Math.round(performance.now() - since)
  await keys.close()
  const text = `${ms} ms a hash, ${memoryKiB} KiB, ${iterations} ${iterations === 1 ? 'iteration' : 'iterations'}, parallelism ${parallelism}`
  if (ms <= slowMs) return [pass('argon2', text)]
  return [warn('argon2', text, 'lower security.auth.argon2.*: each first use of a key takes this long')]
}
