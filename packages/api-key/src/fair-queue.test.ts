import { expect, it } from 'vitest'
import { createFairQueue, type FairQueue } from './fair-queue.ts'

function drain(queue: FairQueue<string>): string[] {
  const items: string[] = []
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) items.push(item)
  return items
}

it('serves keys in turn, and the addresses of a key in turn', () => {
  const queue = createFairQueue<string>(100)
  for (const item of ['a1-1', 'a1-2', 'a1-3', 'a2-1', 'b1-1', 'b1-2']) {
    queue.push([item.slice(0, 1), item.slice(0, 2)], item)
  }
  expect(queue.size).toBe(6)
  expect(drain(queue)).toEqual(['a1-1', 'b1-1', 'a2-1', 'b1-2', 'a1-2', 'a1-3'])
  expect([queue.size, queue.shift()]).toEqual([0, undefined])
})

it('drops the newest of the longest line when it is full', () => {
  const queue = createFairQueue<string>(3)
  expect(['x', 'y', 'z'].map((item) => queue.push(['flood', '1'], item))).toEqual([undefined, undefined, undefined])
  expect(queue.push(['flood', '1'], 'w')).toBe('w')
  expect(queue.push(['good', '2'], 'g')).toBe('z')
  expect(drain(queue)).toEqual(['x', 'g', 'y'])
})

it('drops within a key from the address that has most', () => {
  const queue = createFairQueue<string>(3)
  for (const item of ['x', 'y', 'z']) queue.push(['key', 'bad'], item)
  expect(queue.push(['key', 'good'], 'g')).toBe('z')
  expect(drain(queue)).toEqual(['x', 'g', 'y'])
})

it('drops the newcomer when no line is longer than its own', () => {
  const queue = createFairQueue<string>(2)
  queue.push(['a', '1'], 'a')
  queue.push(['b', '1'], 'b')
  expect(queue.push(['c', '1'], 'c')).toBe('c')
  expect(drain(queue)).toEqual(['a', 'b'])
})

it('keeps nothing of a line that is gone', () => {
  const queue = createFairQueue<string>(2)
  for (let n = 0; n < 1000; n++) queue.push([`key${n}`, 'ip'], 'x')
  expect(queue.size).toBe(2)
  expect(drain(queue)).toHaveLength(2)
})
