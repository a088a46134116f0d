// What is committed is what the code makes: a metric, a rule or a panel that changes takes its file with it.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { catalogueTexts } from '../packages/alerting/scripts/catalogue-texts.ts'
import { runCli } from '../packages/alerting/src/cli/run.ts'

interface Generated {
  readonly folder: string
  readonly files: RegExp
  readonly args: readonly string[]
}

const root = fileURLToPath(new URL('..', import.meta.url))
const { generated } = (await import(new URL('../scripts/generated.mjs', import.meta.url).href)) as {
  readonly generated: readonly Generated[]
}

/** The files of a folder whose names match, with their texts. */
async function textsIn(folder: string, files: RegExp): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => files.test(name)).sort()
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')])),
  )
}

let scratch: string
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'honoscope-generated-'))
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

describe('npm run generate', () => {
  it.each(generated.map((entry) => [entry.folder, entry] as const))(
    'has been run since what %s is made of changed',
    async (folder, { files, args }) => {
      const out = join(scratch, folder)
      const errors: string[] = []
      const io = { out: () => {}, err: (text: string) => void errors.push(text), stdin: process.stdin }
      const code = await runCli([...args, '--out', out], { ...io, color: false, cwd: root })
      expect({ code, errors: errors.filter((text) => !text.startsWith('honoscope: wrote ')) }).toEqual({
        code: 0,
        errors: [],
      })
      const made = await textsIn(out, /^/)
      expect(Object.keys(made).length).toBeGreaterThan(5)
      expect(await textsIn(join(root, folder), files)).toEqual(made)
    },
  )
})

describe('npm run catalogues -w packages/alerting', () => {
  it('has been run since the metrics changed', async () => {
    const texts = await catalogueTexts()
    expect(texts.size).toBe(8)
    const committed = await textsIn(join(root, 'packages/alerting/src/catalogues/generated'), /\.ts$/)
    expect(committed).toEqual(Object.fromEntries(texts))
  }, 120_000)
})
