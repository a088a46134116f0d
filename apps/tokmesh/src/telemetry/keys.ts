import type { ApiKeysOptions } from '@honoscope/api-key'
import type { Catalogue } from '@honoscope/core'

/** What `createApiKeys` can tell of its work. */
export type KeyHooks = Required<Pick<ApiKeysOptions, 'onFailure' | 'onCache' | 'onHashed'>>

/** Registers the metrics of API-key checks, and returns the hooks that feed them. */
export function keyHooks(metrics: Catalogue): KeyHooks {
  const failures = metrics.counter({
    name: 'auth_failures_total',
    help: 'API keys that were refused; a missing or malformed credential is not counted.',
    labels: { reason: ['invalid_key', 'expired', 'disabled', 'ip_blocked'] },
  })
  const hits = metrics.counter({ name: 'auth_cache_hits_total', help: 'Secrets found in the validation cache.' })
  const misses = metrics.counter({ name: 'auth_cache_misses_total', help: 'Secrets not in the validation cache.' })
  const cache = { hits: 0, misses: 0 }
  metrics.gauge({
    name: 'auth_cache_hit_rate',
    help: 'Share of secrets that were in the validation cache, since the start; the two counters tell of any time.',
    labels: {},
    collect(gauge) {
      gauge.reset()
      const looks = cache.hits + cache.misses
      if (looks > 0) gauge.set(cache.hits / looks)
    },
  })
  const hashing = metrics.histogram({
    name: 'auth_argon2_duration_seconds',
    help: 'Time of one Argon2id verification.',
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
  })
  return {
    onFailure({ reason }) {
      if (reason === 'unknown' || reason === 'secret') failures.inc({ reason: 'invalid_key' })
      else if (reason === 'ip') failures.inc({ reason: 'ip_blocked' })
      else if (reason === 'expired' || reason === 'disabled') failures.inc({ reason })
    },
    onCache(outcome) {
      cache[outcome === 'hit' ? 'hits' : 'misses'] += 1
      ;(outcome === 'hit' ? hits : misses).inc()
    },
    onHashed: (seconds) => hashing.observe(seconds),
  }
}
