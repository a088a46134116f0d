/** The entry point of the command `tokmesh`. */
import { runCli } from './cli/run.ts'

// Whoever reads may stop early, as `tokmesh keys list | head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

await runCli(process.argv.slice(2))
