import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { openApiDocument } from '../../../apps/tokmesh/src/openapi/document.ts'
import { typescriptOf } from './typescript.ts'

/** Where the generated module lies. */
export const generatedFile: string = fileURLToPath(new URL('../src/generated.ts', import.meta.url))

/** The generated module as it has to be, formatted like all other code here. */
export function generated(): string {
  const biome = fileURLToPath(new URL('../../../node_modules/@biomejs/biome/bin/biome', import.meta.url))
  const node = process.versions.bun === undefined ? process.execPath : 'node'
  const document = JSON.parse(JSON.stringify(openApiDocument()))
  const args = [biome, 'format', `--stdin-file-path=${generatedFile}`]
  return execFileSync(node, args, {
    input: typescriptOf(document),
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    encoding: 'utf8',
  })
}
