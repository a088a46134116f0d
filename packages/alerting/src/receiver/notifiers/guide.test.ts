import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const guide = readFileSync(new URL('../../../../../docs/alert-notifiers.md', import.meta.url), 'utf8')

it('shows code that compiles: what `guide.test-d.ts` has', () => {
  const shown = [...guide.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code)
  expect(shown).toHaveLength(8)
  expect(shown.join('\n')).toBe(readFileSync(new URL('./guide.test-d.ts', import.meta.url), 'utf8'))
})
