import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { runtime } from '@honoscope/testing'
import { testDatabase } from '@honoscope/testing/postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startChild } from './child.ts'
import { cheapArgon2 } from './support.ts'

const source = fileURLToPath(new URL('../cli.ts', import.meta.url))
const linked = fileURLToPath(new URL('../../bin/tokmesh.mjs', import.meta.url))

/** Runs the command as a process of its own; resolves whatever its exit code is. */
async function tokmesh(args: readonly string[], environment: Readonly<Record<string, string>>) {
  const entry = runtime === 'node' ? [linked] : ['--conditions=@honoscope/source', source]
  const env = { PATH: process.env.PATH ?? '', ...cheapArgon2, ...environment }
  const ended = promisify(execFile)(process.execPath, [...entry, ...args], { env })
  return ended.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code: Number(code), stdout: String(stdout), stderr: String(stderr) }),
  )
}

describe.each(['pglite', 'postgres'] as const)('A79 tokmesh keys create on %s', (kind) => {
  let environment: Record<string, string>
  let remove: () => Promise<void>

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tokmesh-cli-'))
    const external = kind === 'postgres' ? await testDatabase() : undefined
    environment = { TOKMESH_STORAGE_DATA_DIR: folder, ...(external ? { DATABASE_URL: external.url } : {}) }
    remove = async () => {
      await external?.drop()
      await rm(folder, { recursive: true, force: true })
    }
  })
  afterAll(() => remove())

  it('prints one credential, which opens the service', async () => {
    const made = await tokmesh(['keys', 'create', '--role', 'issuer', '--description', 'for the shop'], environment)
    expect(made).toMatchObject({ code: 0, stderr: '' })
    expect(made.stdout).toMatch(/^tmak-[0-7][0-9a-hjkmnp-tv-z]{25}:tmas_[0-9A-Za-z]{43}\n$/)
    const child = await startChild({ ...environment, TOKMESH_SERVER_SHUTDOWN_GRACE_PERIOD: '0s' })
    try {
      await child.ready()
      const headers = { Authorization: `Bearer ${made.stdout.trim()}`, 'Content-Type': 'application/json' }
      const response = await fetch(`${child.url}/sessions`, { method: 'POST', headers, body: '{"user_id":"ada"}' })
      expect(response.status).toBe(201)
      if (kind === 'pglite') {
        const refused = await tokmesh(['keys', 'create', '--role', 'admin'], environment)
        expect(refused).toMatchObject({ code: 1, stdout: '' })
        expect(refused.stderr).toContain(environment.TOKMESH_STORAGE_DATA_DIR)
      }
    } finally {
      await child.kill('SIGTERM')
    }
  })

  it('fails with a sentence for a role that does not exist, and shows how it is called', async () => {
    const ended = await tokmesh(['keys', 'create', '--role', 'root'], environment)
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toContain('--role has to be one of metrics, validator, issuer, admin')
  })
})

it('A79 tokmesh keys create says that the database is out of reach, without its password', async () => {
  const ended = await tokmesh(['keys', 'create', '--role', 'admin'], {
    DATABASE_URL: 'postgres://u:sekret@127.0.0.1:1/x',
  })
  expect(ended).toMatchObject({ code: 1, stdout: '' })
  expect(ended.stderr).not.toContain('sekret')
})
