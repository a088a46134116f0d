import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
/** Inside the repository, so that the blocks find the workspace's packages; ignored by git. */
const cache = join(root, '.cache')

interface Block {
  /** Path of the file, from the repository's root. */
  readonly page: string
  /** Line of the page on which the block's first line of code stands. */
  readonly line: number
  readonly code: string
}

/** Every file whose TypeScript examples a reader may copy: Markdown pages, and sources with examples in their comments. */
async function pages(): Promise<string[]> {
  const found = [...(await list('', false)), ...(await list('docs', true))]
  for (const workspace of [...(await list('packages', false)), ...(await list('apps', false))]) {
    found.push(`${workspace}/README.md`, ...(await list(`${workspace}/src`, true)))
  }
  return found.filter((path) => /\.(md|ts)$/.test(path) && !/\.test(-d)?\.ts$/.test(path)).sort()
}

/** Paths of what a folder holds, from the repository's root; none where there is no such folder. */
async function list(folder: string, recursive: boolean): Promise<string[]> {
  const names = await readdir(join(root, folder), { recursive }).catch(() => [])
  return names.map((name) => (folder === '' ? name : `${folder}/${name}`))
}

function blocksOf(page: string, given: string): Block[] {
  const text = page.endsWith('.ts') ? given.replaceAll(/^ *\* ?/gm, '') : given
  return [...text.matchAll(/^```(?:ts|typescript)\b.*\n([\s\S]*?)^```/gm)].map((match) => ({
    page,
    line: text.slice(0, match.index).split('\n').length + 1,
    code: match[1] ?? '',
  }))
}

async function allBlocks(): Promise<Block[]> {
  const found: Block[] = []
  for (const page of await pages()) {
    const text = await readFile(join(root, page), 'utf8').catch(() => '')
    found.push(...blocksOf(page, text))
  }
  return found
}

/** Compiles the blocks in one go and returns the compiler's errors, each with the page and line that it is about. */
async function compile(blocks: readonly Block[], folder: string): Promise<string[]> {
  const names = blocks.map((_, index) => `block-${index}.ts`)
  // Without an import or export a file is a script, and its names would clash with those of other blocks.
  await Promise.all(
    blocks.map(({ code }, index) => writeFile(join(folder, `block-${index}.ts`), `${code}\nexport {}\n`)),
  )
  const up = relative(folder, root)
  const config = {
    extends: `${up}/tsconfig.test.json`,
    // A page may leave out a declaration's type and a name's use for the sake of brevity.
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
    include: names,
  }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const node = process.versions.bun === undefined ? process.execPath : 'node'
  const output = await promisify(execFile)(node, [tsc, '-p', folder, '--noEmit', '--pretty', 'false'], { cwd: folder })
    .then(() => '')
    .catch((failure: { stdout?: string; message: string }) => failure.stdout || failure.message)
  return (
    output
      .split('\n')
      .filter((text) => text.includes('error TS'))
      // Errors in the sources that a block imports are the type tests' affair.
      .filter((text) => !/^\S*(?:packages|apps)\//.test(text))
      .map((text) => {
        const [, name = '', line = '0', rest = text] = text.match(/^(.*?)\((\d+),\d+\): (.*)$/) ?? []
        const block = blocks[names.indexOf(basename(name))]
        return block ? `${block.page}:${block.line + Number(line) - 1} ${rest}` : text
      })
  )
}

let folder: string
beforeAll(async () => {
  await mkdir(cache, { recursive: true })
  folder = await mkdtemp(join(cache, 'readme-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it('compiles every TypeScript example in the pages and in the comments of the packages', async () => {
  const blocks = await allBlocks()
  const sources = new Set(blocks.map(({ page }) => page))
  expect(sources).toContain('packages/health/README.md')
  expect(sources).toContain('packages/health/src/health.ts')
  expect(await compile(blocks, folder)).toEqual([])
}, 120_000)

it('names the page and the line of a block that does not compile', async () => {
  const text = '# Page\n\n```ts\nconst fine = 1\nconst wrong: string = fine\n```\n\n```sh\nnot code\n```\n'
  const broken = join(folder, 'broken')
  await mkdir(broken)
  const errors = await compile(blocksOf('docs/page.md', text), broken)
  expect(errors).toHaveLength(1)
  expect(errors[0]).toMatch(/^docs\/page\.md:5 error TS2322: /)
}, 120_000)
