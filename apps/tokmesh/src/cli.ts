/** The entry point of the command `tokmesh`. */
import { runCli } from './cli/run.ts'

await runCli(process.argv.slice(2))
