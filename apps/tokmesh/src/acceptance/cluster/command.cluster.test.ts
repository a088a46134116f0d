import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { runtime, until } from '@honoscope/testing'
import { afterAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../../../../', import.meta.url))
const script = join(root, 'scripts', 'cluster.mjs')

const started: ChildProcess[] = []
const folders: string[] = []
afterAll(() => {
  for (const child of started) child.kill('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** Runs `npm run cluster` on these ports, with a folder of its own for temporary files. */
function run(port: number, flags: readonly string[] = []) {
  const temporary = mkdtempSync(join(tmpdir(), 'tokmesh-command-'))
  // PostgreSQL may run as another user.
  chmodSync(temporary, 0o755)
  folders.push(temporary)
  const args = [script, '--port', String(port), ...(runtime === 'bun' ? ['--bun'] : []), ...flags]
  // A group of its own, as a shell gives it to what is in its foreground: a Ctrl-C goes to all of it.
  const child = spawn('node', args, { detached: true, env: { ...process.env, TMPDIR: temporary } })
  started.push(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      text += chunk
    })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { child, pid: child.pid ?? 0, temporary, ended, text: () => text }
}

/** Three free ports in a row. */
async function freePorts(): Promise<number> {
  const isFree = (port: number) =>
    new Promise<boolean>((resolve) => {
      const probe = createServer()
      probe.once('error', () => resolve(false))
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
    })
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    const free = await Promise.all([port, port + 1, port + 2].map(isFree))
    if (free.every(Boolean)) return port
  }
}

/** A process and all that it has started. */
function familyOf(pid: number): number[] {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
  const rows = table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const of = (parent: number): number[] =>
    rows.filter(([, ppid]) => ppid === parent).flatMap(([child = 0]) => [child, ...of(child)])
  return [pid, ...of(pid)]
}

/** Those of the processes that are there, but for dead ones whom nobody has buried. */
function leftOf(pids: readonly number[]): number[] {
  const table = execFileSync('ps', ['-eo', 'pid=,stat='], { encoding: 'utf8' })
  const alive = table
    .split('\n')
    .filter((line) => !/Z/.test(line))
    .map((line) => Number.parseInt(line, 10))
  return pids.filter((pid) => alive.includes(pid))
}

/** The commands that it shows, each alone on a line. */
const commandsIn = (text: string) =>
  [...text.matchAll(/^ {2}((?:export|MADE|SESSION|curl|kill)\b.*)$/gm)].map(([, line = '']) => line)

/** Both keys' and the database's: no other user may see them in the arguments of a process. */
const secretsIn = (text: string) => [
  ...new Set([...text.matchAll(/tmas_\w+|(?<=postgres:)\w+(?=@)/g)].map(([secret]) => secret)),
]

describe('npm run cluster', () => {
  it('shows commands that can be pasted, says when a node dies, and leaves nothing behind', async () => {
    const port = await freePorts()
    const cluster = run(port)
    await until(() => cluster.text().includes('Ctrl-C stops all') || cluster.child.exitCode !== null, 100_000)
    const commands = commandsIn(cluster.text())
    expect(commands.map((line) => line.split(/[\s=]/)[0])).toEqual([
      'export',
      'export',
      'MADE',
      'SESSION',
      'curl',
      'curl',
      'curl',
      'curl',
      'curl',
      'kill',
    ])
    const family = familyOf(cluster.pid)
    // PostgreSQL and what started it, three nodes, and the runner.
    expect(family.length).toBeGreaterThan(5)
    const secrets = secretsIn(cluster.text())
    expect(secrets).toHaveLength(3)
    const seen = execFileSync('ps', ['-ewwo', 'args='], { encoding: 'utf8' })
    expect(secrets.filter((secret) => seen.includes(secret))).toEqual([])

    const { stdout } = await promisify(execFile)('bash', ['-ec', commands.slice(0, -1).join('\n')])
    const [made, valid, revoked, refused, nodes, ...metrics] = stdout.trim().split('\n')
    const parse = (line = '') => JSON.parse(line)
    expect(parse(made)).toMatchObject({ code: 'OK' })
    expect(parse(valid)).toMatchObject({ code: 'OK', data: { valid: true, session: { user_id: 'ada' } } })
    expect(parse(revoked)).toMatchObject({ code: 'OK' })
    // A majority has confirmed, and the third may be the one that has not yet; a second is plenty.
    expect(['OK', 'TM-TOKN-4012']).toContain(parse(refused).code)
    expect(
      parse(nodes)
        .data.nodes.map(({ address }: { address: string }) => address)
        .sort(),
    ).toEqual([port, port + 1, port + 2].map((each) => `127.0.0.1:${each}`))
    expect(metrics).toContain('tokmesh_cluster_nodes_total{status="active"} 3')

    await promisify(execFile)('bash', ['-ec', commands.at(-1) ?? ''])
    await until(() => cluster.text().includes('node 3 has ended unexpectedly: SIGKILL'))

    // A taken port is named.
    const second = run(port)
    expect(await second.ended).toBe(1)
    expect(second.text()).toContain(`Port ${port} is taken`)

    // Under npm a Ctrl-C comes twice.
    process.kill(-cluster.pid, 'SIGINT')
    cluster.child.kill('SIGINT')
    expect(await cluster.ended).toBe(0)
    expect(cluster.text()).toContain('All has ended.')
    await until(() => leftOf(family).length === 0, 3000)
    const left = readdirSync(cluster.temporary).filter((name) => !name.startsWith('honoscope-embedded-postgres'))
    expect(left).toEqual([])
  }, 180_000)

  it('ends all when it is killed itself, and keeps its data and keys where it is told to', async () => {
    const port = await freePorts()
    const folder = mkdtempSync(join(tmpdir(), 'tokmesh-data-'))
    chmodSync(folder, 0o755)
    folders.push(folder)
    const begin = async () => {
      const cluster = run(port, ['--data', folder])
      await until(() => cluster.text().includes('Ctrl-C stops all') || cluster.child.exitCode !== null, 100_000)
      return { ...cluster, commands: commandsIn(cluster.text()), family: familyOf(cluster.pid) }
    }
    const first = await begin()
    const [keys, more, make] = first.commands
    const { stdout } = await promisify(execFile)('bash', ['-ec', [keys, more, make].join('\n')])
    const { token } = JSON.parse(stdout).data
    first.child.kill('SIGKILL')
    await until(() => leftOf(first.family).length === 0)

    const second = await begin()
    expect(second.commands.slice(0, 2)).toEqual([keys, more])
    const script = `${keys}; TOKEN=${token}; ${second.commands[4]}`
    const valid = await promisify(execFile)('bash', ['-ec', script])
    expect(JSON.parse(valid.stdout)).toMatchObject({ code: 'OK', data: { valid: true } })
    second.child.kill('SIGTERM')
    expect(await second.ended).toBe(0)
    await until(() => leftOf(second.family).length === 0, 3000)
  }, 180_000)
})
