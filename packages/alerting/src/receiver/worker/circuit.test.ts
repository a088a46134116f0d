import { expect, it } from 'vitest'
import { createCircuit } from './circuit.ts'

const make = () => createCircuit({ concurrency: 4, minRetryMs: 1_000, maxRetryMs: 300_000, random: () => 1 })

it('tries one at a time after a failure, when the longest pause is over, until one is taken', () => {
  const circuit = make()
  expect(circuit.free(1, 0)).toBe(3)
  circuit.failed(10_000, 60_000)
  circuit.failed(10_001)
  expect([circuit.free(0, 10_002), circuit.free(0, 69_999)]).toEqual([0, 0])
  expect([circuit.free(0, 70_000), circuit.free(1, 70_000)]).toEqual([1, 0])
  circuit.succeeded()
  expect(circuit.free(0, 70_000)).toBe(4)
})

it('pauses no longer when the clock is put back', () => {
  const circuit = make()
  circuit.failed(1_000_000_000)
  expect(circuit.free(0, 1_000_000_999)).toBe(0)
  expect(circuit.free(0, 5_000)).toBe(1)
  circuit.failed(5_000)
  expect([circuit.free(0, 6_999), circuit.free(0, 7_000)]).toEqual([0, 1])
})
