import { expect, it } from 'vitest'
import { askStore } from './ask-store.ts'
import { systemTime } from './time.ts'

it('askStore() waits for a while, hands on what comes late, and piles nothing up on a store that hangs', async () => {
  const ask = askStore({ open: 2, limitMs: 20, time: systemTime })
  const answers: ((value: string) => void)[] = []
  const late: string[] = []
  const question = () => new Promise<string>((resolve) => void answers.push(resolve))
  for (let round = 0; round < 2; round++) {
    await expect(ask(question, (answer) => void late.push(answer))).rejects.toThrow('took longer than 20 ms')
  }
  await expect(ask(question)).rejects.toMatchObject({ code: 'HONOSCOPE_RECEIVER_TIMEOUT' })
  expect(answers).toHaveLength(2)
  answers[0]?.('after all')
  await new Promise((resolve) => setTimeout(resolve, 0))
  expect(late).toEqual(['after all'])
  expect(
    await ask(
      async () => 'at once',
      (answer) => void late.push(answer),
    ),
  ).toBe('at once')
  const throws = (): never => {
    throw new Error('no')
  }
  await expect(ask(throws)).rejects.toThrow('no')
  expect(late).toEqual(['after all'])
})
