import { describe, expect, it } from 'vitest'
import { withProgress } from './progress.ts'

const output = (isTTY: boolean) => {
  const written: string[] = []
  let heard = () => {}
  const write = (text: string) => {
    written.push(text)
    heard()
  }
  const onWrite = (listener: () => void) => {
    heard = listener
  }
  return { isTTY, written, write, onWrite }
}

describe('progress', () => {
  it('is told at once on a terminal, and leaves nothing behind', async () => {
    const terminal = output(true)
    expect(await withProgress('opening', async () => terminal.written.join(''), terminal)).toBe('opening …')
    expect(terminal.written.at(-1)).toBe('\r\u001b[K')
  })

  it('is told elsewhere in whole lines, and of what takes more than a second only', async () => {
    const file = output(false)
    await withProgress('opening', async () => 'quick', file)
    expect(file.written).toEqual([])
    // Slow work ends when it has been told of, however long that takes on this machine.
    const slow = output(false)
    await withProgress('opening', () => new Promise<void>((resolve) => slow.onWrite(resolve)), slow)
    expect(slow.written.join('')).toMatch(/^tokmesh: opening …\ntokmesh: opening: \d+\.\d s\n$/)
  })

  it('ends with what it was for, when that fails too', async () => {
    const terminal = output(true)
    const failing = withProgress('opening', () => Promise.reject(new Error('no')), terminal)
    await expect(failing).rejects.toThrow('no')
    expect(terminal.written).toHaveLength(2)
  })
})
