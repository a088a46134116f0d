import { LRUCache } from 'lru-cache'

/** Token buckets by key, in this process only. */
export interface Buckets {
  /** Takes a token. Milliseconds until there is one, when there is none now; else 0. */
  take(id: string, perSecond: number): number
}

interface Bucket {
  tokens: number
  at: number
}

/**
 * Buckets that refill `perSecond` and hold as many. At most `capacity` are kept, the least recently used goes
 * first: it is most likely full, and a full one is as good as none.
 */
export function createBuckets(capacity: number, monotonic: () => number): Buckets {
  const buckets = new LRUCache<string, Bucket>({ max: capacity })
  return {
    take: (id, perSecond) => {
      const now = monotonic()
      let bucket = buckets.get(id)
      if (!bucket) {
        bucket = { tokens: perSecond, at: now }
        buckets.set(id, bucket)
      }
      bucket.tokens = Math.min(perSecond, bucket.tokens + ((now - bucket.at) / 1000) * perSecond)
      bucket.at = now
      if (bucket.tokens < 1) return Math.max(1, Math.ceil(((1 - bucket.tokens) / perSecond) * 1000))
      bucket.tokens--
      return 0
    },
  }
}
