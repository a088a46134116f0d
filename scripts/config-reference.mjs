// Writes the table of configuration keys into docs/tokmesh-configuration.md, from the table that the program reads.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, fail, root } from './workspace.mjs'

if ((await build()) !== 0) fail('The page was not changed: the build failed, see above.')
const page = join(root, 'docs', 'tokmesh-configuration.md')
const module = join(root, 'apps', 'tokmesh', 'dist', 'config', 'reference.js')
const { withReference } = await import(pathToFileURL(module).href)
writeFileSync(page, withReference(readFileSync(page, 'utf8')))
