/** What the PostgreSQL servers of tests share, however they are installed. */
import { spawn } from 'node:child_process'
import { createServer, type Server } from 'node:net'

/**
 * Stops the servers of these data folders, and deletes the folders unless they are to be kept, when this process has
 * ended, however it ended: a shell waits for the end of its input, which comes with our death. Test runners do not all
 * fire `exit`. The returned function calls the watch off.
 */
export function endWithUs(folders: readonly string[], deletes = true): () => void {
  const script = `read -r line; if [ -z "$line" ]; then
    for at; do kill -QUIT "$(head -n 1 "$at/postmaster.pid")"; done${deletes ? '; sleep 1; rm -rf "$@"' : ''}; fi`
  const shell = spawn('sh', ['-c', script, 'sh', ...folders], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  shell.unref()
  const input = shell.stdin as typeof shell.stdin & { unref?(): void }
  input.unref?.()
  input.on('error', () => {})
  return () => void input.end('off\n')
}

/** A port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe: Server = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', resolve)
  })
  const address = probe.address()
  await new Promise<void>((resolve) => probe.close(() => resolve()))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
