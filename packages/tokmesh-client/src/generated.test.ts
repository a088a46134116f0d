import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { generated, generatedFile } from '../scripts/format.ts'

it('is what the document of TokMesh gives; else run `npm run generate`', () => {
  const made = generated()
  expect(made).toContain('createSession(body: CreateSessionRequest, options?: Options): Promise<CreateSessionResult>')
  expect(readFileSync(generatedFile, 'utf8')).toBe(made)
}, 30_000)
