// A node of `npm run cluster`: runs the server whose path it is given, and stops it in order when the runner is gone,
// however that ended.
import { pathToFileURL } from 'node:url'

process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))

// The server takes what follows its own path for flags.
process.argv.splice(1, 1)
await import(pathToFileURL(process.argv[1]).href)
