// `npm run build`: compiles what has changed, and prints errors only.
import { build, fail, install } from './workspace.mjs'

await install().catch(fail)
process.exitCode = await build()
