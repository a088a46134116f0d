// `npm start`: TokMesh on a fresh clone, with nothing but Node and npm. `npm start -- --flag` passes the flag on.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, fail, install, root } from './workspace.mjs'

await install().catch(fail)
if ((await build()) !== 0) fail('TokMesh was not started: the build failed, see above.')

// In this very process, so that signals and the exit code are the server's own.
const server = join(root, 'apps', 'tokmesh', 'dist', 'server.js')
process.argv[1] = server
await import(pathToFileURL(server).href)
