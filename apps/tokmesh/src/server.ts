/** The entry point of `npm start`, which is `tokmesh start`. */
import { runCli } from './cli/run.ts'

await runCli(['start', ...process.argv.slice(2)])
