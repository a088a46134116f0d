// Installs the dependencies when they are missing or out of date; for npm scripts that start something else than Node.
import { fail, install } from './workspace.mjs'

await install().catch(fail)
