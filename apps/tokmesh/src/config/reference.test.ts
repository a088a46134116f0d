import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseDocument } from 'yaml'
import { readConfig } from '../config.ts'
import { keyList } from './keys.ts'
import { referenceTable, withReference } from './reference.ts'
import { readYaml } from './yaml.ts'

const page = readFileSync(new URL('../../../../docs/tokmesh-configuration.md', import.meta.url), 'utf8')

describe('docs/tokmesh-configuration.md', () => {
  it('has the keys that the program reads: run "node scripts/config-reference.mjs" when it has not', () => {
    expect(withReference(page)).toBe(page)
    expect(referenceTable().split('\n')).toHaveLength(keyList.length + 2)
    expect(() => withReference('no marks')).toThrow('has no')
  })

  it('has examples that can be used as they are', () => {
    const examples = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text)
    expect(examples.length).toBeGreaterThan(0)
    for (const text of examples) {
      const findings = { problems: [], warnings: [] }
      expect(parseDocument(text).errors).toEqual([])
      readYaml({ path: '/example.yaml', text }, findings)
      expect(findings).toEqual({ problems: [], warnings: [] })
    }
    const flags = [...page.matchAll(/^tokmesh .*?(--[a-z_.]+\.[a-z-]+=\S+)/gm)].map(([, flag = '']) => flag)
    expect(flags.length).toBeGreaterThan(0)
    expect(readConfig({}, { flags }).problems).toEqual([])
  })
})
