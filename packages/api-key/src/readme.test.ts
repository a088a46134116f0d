import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import app, { keys } from './readme.test-d.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

it('is the code that the README shows', () => {
  const shown = /```ts\n(.*?)```/s.exec(readme)?.[1]
  expect(shown).toBe(readFileSync(new URL('./readme.test-d.ts', import.meta.url), 'utf8'))
})

it('does what the README says', async () => {
  const { record, secret } = await keys.create({ role: 'admin' })
  const headers = { authorization: `Bearer ${record.id}:${secret}` }
  const created = await app.request('/keys', { method: 'POST', headers })
  expect(created.status).toBe(201)
  const { key } = (await created.json()) as { key: string }
  const answer = await app.request('/report', { headers: { 'x-api-key': key } })
  expect(await answer.text()).toBe(`for ${key.split(':')[0]}\n`)
  const refused = await app.request('/report')
  expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="api-key"')
  expect(readme).toContain(`\n${await refused.text()}\n`)
  await keys.close()
})
