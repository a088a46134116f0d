// The PostgreSQL of `npm run cluster`, in a process group of its own: a Ctrl-C that reached it would end it before the
// nodes have written what they hold. It ends when the runner says so, or is gone.
import { startPostgres } from '@honoscope/testing/postgres'

const [folder, password] = [process.env.CLUSTER_DATA, process.env.CLUSTER_PASSWORD]
const data = folder && password ? { data: { folder, password } } : {}

let ended = false
const started = startPostgres(data).then(
  (server) => {
    if (!ended) process.send({ url: server.url })
    return server
  },
  (error) => {
    if (!ended) process.send({ problem: error.message })
    process.exitCode = 1
  },
)
process.once('disconnect', async () => {
  ended = true
  await (await started)?.stop()
  process.exit()
})
