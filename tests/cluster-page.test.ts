import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const path = fileURLToPath(new URL('../docs/cluster.md', import.meta.url))
const page = readFileSync(path, 'utf8')

/** A test that the page names for a promise. */
interface Named {
  readonly file: string
  readonly title: string
}

/** Rows of the table of guarantees: the promise, and the tests of its last column. */
const rows: readonly (readonly [string, readonly Named[]])[] = (page.split(/^## /m).find(isGuarantees) ?? '')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| what'))
  .map((line) => {
    const cells = line.split(' | ')
    return [cells[0]?.slice(2) ?? '', namedIn(cells.at(-1) ?? '')]
  })

function isGuarantees(section: string): boolean {
  return section.startsWith('Guarantees')
}

/** Each link is followed by the titles, in backticks, of tests of that file. */
function namedIn(cell: string): Named[] {
  return [...cell.matchAll(/\]\(([^)]+\.test\.ts)\)([^[]*)/g)].flatMap(([, file = '', titles = '']) =>
    [...titles.matchAll(/`([^`]+)`/g)].map(([, title = '']) => ({ file, title })),
  )
}

/** Titles of the tests of a file, also behind `it.each(…)` and `it.skipIf(…)`, without those in comments. */
function titlesOf(file: string): readonly string[] {
  const source = readFileSync(join(dirname(path), file), 'utf8').replaceAll(/^\s*\/\/.*$/gm, '')
  return [...source.matchAll(/(?:\bit|\))\(\s*(['"`])(.*?)\1,/g)].map(([, , title = '']) => title)
}

describe('docs/cluster.md', () => {
  it('has guarantees', () => {
    expect(rows.length).toBeGreaterThan(15)
  })

  it.each(rows)('names tests that are there for: %s', (_, named) => {
    expect(named.length).toBeGreaterThan(0)
    for (const { file, title } of named) expect(titlesOf(file), file).toContain(title)
  })

  it('links to what is there', () => {
    const links = [...page.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link)
    expect(links.filter((link) => !existsSync(join(dirname(path), link)))).toEqual([])
    const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, text = '']) => text.toLowerCase().replaceAll(' ', '-'))
    const anchors = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor)
    expect(anchors.filter((anchor) => !headings.includes(anchor))).toEqual([])
  })
})
