/** Cost of one Argon2id hash. A verification always takes the parameters that stand in the stored string. */
export interface Argon2Cost {
  /** 8 … 1,048,576 KiB and at least 8 for each lane. Default: 16384. */
  readonly memoryKiB?: number
  /** 1 … 10 passes. Default: 2. */
  readonly iterations?: number
  /** 1 … 16 lanes. Default: 2. */
  readonly parallelism?: number
}

/** The cryptography that the web platform does not have, or has only in an asynchronous form. */
export interface Hasher {
  /** PHC string of the whole secret, with a new salt. */
  hash(secret: string): Promise<string>
  /**
   * Whether `secret` is the one of the PHC string, compared in constant time. Rejects when the string can't be
   * read; the rejection must not quote it.
   */
  verify(hash: string, secret: string): Promise<boolean>
  /** SHA-256 in any text form. Default: `crypto.subtle`, which costs a trip through a thread pool each time. */
  readonly digest?: (text: string) => string | Promise<string>
}

/** The hasher for Node and Bun. It is imported late, so that a bundle for another runtime can do without it. */
export async function nativeHasher(cost: Argon2Cost): Promise<Hasher> {
  const { argon2Hasher } = await import('./argon2.node.ts')
  return argon2Hasher(cost)
}

/** SHA-256 with the web platform's means, in hex. */
export async function webDigest(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Compares in a time that depends on the lengths only. */
export function equal(a: string, b: string): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return difference === 0
}
