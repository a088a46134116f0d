// `npm run example:iac`, `npm run example:chat2sql`: an example service on a fresh clone, with nothing but Node and npm.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, fail, install, root } from './workspace.mjs'

const [name = ''] = process.argv.slice(2)
if (!existsSync(join(root, 'examples', name, 'package.json'))) fail(`There is no example "${name}".`)
await install().catch(fail)
if ((await build()) !== 0) fail('The example was not started: the build failed, see above.')

// In this very process, so that signals and the exit code are the server's own.
const server = join(root, 'examples', name, 'dist', 'server.js')
process.argv[1] = server
await import(pathToFileURL(server).href)
