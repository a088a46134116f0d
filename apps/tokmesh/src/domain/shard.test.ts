import { describe, expect, it } from 'vitest'
import { murmur3, shardOf } from './shard.ts'

describe('murmur3', () => {
  // Published vectors of MurmurHash3_x86_32.
  it.each([
    ['', 0, 0],
    ['', 1, 0x514e28b7],
    ['', 0xffffffff, 0x81f16f39],
    ['aaaa', 0x9747b28c, 0x5a97808a],
    ['aaa', 0x9747b28c, 0x283e0130],
    ['aa', 0x9747b28c, 0x5d211726],
    ['a', 0x9747b28c, 0x7fa09ea6],
    ['abcd', 0x9747b28c, 0xf0478627],
    ['abc', 0x9747b28c, 0xc84a62dd],
    ['ab', 0x9747b28c, 0x74875592],
    ['abc', 0, 0xb3dd93fa],
    ['Hello, world!', 0x9747b28c, 0x24884cba],
    ['ππππππππ', 0x9747b28c, 0xd58063c1],
    ['The quick brown fox jumps over the lazy dog', 0x9747b28c, 0x2fa826cd],
    ['The quick brown fox jumps over the lazy dog', 0, 0x2e4ff723],
  ])('hashes %j with seed %i', (text, seed, hash) => {
    expect(murmur3(text, seed)).toBe(hash)
  })

  it('spreads ids evenly over the shards', () => {
    const perShard = new Array<number>(1024).fill(0)
    for (let i = 0; i < 102_400; i++) {
      const shard = shardOf(`tmss-${i.toString(32).padStart(26, '0')}`)
      perShard[shard] = (perShard[shard] ?? 0) + 1
    }
    expect(Math.min(...perShard)).toBeGreaterThan(50)
    expect(Math.max(...perShard)).toBeLessThan(160)
  })
})
