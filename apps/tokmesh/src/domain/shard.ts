/** Shards of the contract's section 10.1. */
export const shardCount = 1024

const encoder = new TextEncoder()

/** The 32-bit MurmurHash3 (x86 variant) of the text's UTF-8 bytes, as an unsigned integer. */
export function murmur3(text: string, seed = 0): number {
  const bytes = encoder.encode(text)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const tail = bytes.length & ~3
  let hash = seed
  for (let at = 0; at < tail; at += 4) {
    hash ^= scramble(view.getUint32(at, true))
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64
  }
  let rest = 0
  for (let at = bytes.length - 1; at >= tail; at--) rest = (rest << 8) | view.getUint8(at)
  hash ^= scramble(rest) ^ bytes.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function scramble(block: number): number {
  const mixed = Math.imul(block, 0xcc9e2d51)
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
}

/** The shard of a session id in lower case, 0 to 1023. */
export function shardOf(sessionId: string): number {
  return murmur3(sessionId) % shardCount
}
