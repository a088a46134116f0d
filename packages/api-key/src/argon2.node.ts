import { hash as digest } from 'node:crypto'
import { hash, parseOptions, verify } from '@node-rs/argon2'
import { ApiKeyError } from './errors.ts'
import type { Argon2Cost, Hasher } from './hasher.ts'

/** Argon2id of version 0x13 with a salt of 16 bytes, by `@node-rs/argon2`: the same strings under Node and Bun. */
const phc = /^\$argon2id\$v=19\$m=\d{1,7},t=\d{1,2},p=\d{1,2}\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/

/** A stored string may ask for no more than `Argon2Cost` allows: one bad row must not take all the memory. */
const maxMemoryKiB = 1_048_576

/** Makes the default {@link Hasher}. */
export function argon2Hasher({ memoryKiB = 16_384, iterations = 2, parallelism = 2 }: Argon2Cost = {}): Hasher {
  const options = { memoryCost: memoryKiB, timeCost: iterations, parallelism, outputLen: 32 }
  return {
    hash: (secret) => hash(secret, options),
    verify: async (stored, secret) => {
      if (!readable(stored)) throw corrupt()
      try {
        return await verify(stored, secret)
      } catch {
        // The library's error is not passed on as a cause: it is free to quote its arguments one day.
        throw corrupt()
      }
    },
    // About 1 µs, against 20 µs and a place in the thread pool (where Argon2 runs too) for crypto.subtle.
    digest: (text) => digest('sha256', text, 'base64'),
  }
}

function readable(stored: string): boolean {
  if (!phc.test(stored)) return false
  try {
    return parseOptions(stored).memoryCost <= maxMemoryKiB
  } catch {
    return false
  }
}

function corrupt(): ApiKeyError {
  return new ApiKeyError('KEY_RECORD_CORRUPT', 'the stored secret hash is not a readable Argon2id PHC string')
}
