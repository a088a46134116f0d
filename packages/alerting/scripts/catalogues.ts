// `npm run catalogues -w packages/alerting`: writes `src/catalogues/generated/*.ts` anew. Runs under Bun, which reads
// the sources as they are.
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { catalogueTexts } from './catalogue-texts.ts'

const folder = fileURLToPath(new URL('../src/catalogues/generated/', import.meta.url))
mkdirSync(folder, { recursive: true })
for (const [file, text] of await catalogueTexts()) writeFileSync(`${folder}${file}`, text)
process.exit(0)
