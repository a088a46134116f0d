/** `tokmesh doctor`: looks at everything that the service needs on this machine, and changes nothing. */

import { redact } from '@honoscope/logging'
import { readConfig } from '../config.ts'
import { attempt, type Finding } from './doctor/check.ts'
import { database } from './doctor/database.ts'
import { dataFolder } from './doctor/folder.ts'
import { argon2, clock, runtimeVersion } from './doctor/machine.ts'
import { ports } from './doctor/ports.ts'
import { certificate, configuration } from './doctor/settings.ts'
import type { CommonOptions } from './perform.ts'
import { table } from './table.ts'

/** Prints what was found. Exit code 1 when something would keep the service from working. */
export async function doctor(flags: readonly string[], options: CommonOptions): Promise<void> {
  const reading = readConfig(process.env, { flags, file: options.config })
  const { config } = reading
  const findings: readonly Finding[] = [
    runtimeVersion(),
    ...configuration(reading),
    ...(await attempt('certificate', 'see server.https.tls', async () => certificate(reading))),
    clock(),
    ...(await attempt('argon2', 'install @node-rs/argon2 for this platform', () => argon2(config))),
    ...(await attempt('data folder', 'look at storage.data_dir', () => dataFolder(config))),
    ...(await attempt('database', 'look at DATABASE_URL and storage.data_dir', () => database(reading))),
    ...(await attempt('ports', 'look at server.http.address and server.https.address', () => ports(config))),
  ]
  const ok = findings.every(({ status }) => status !== 'fail')
  if (!ok) process.exitCode = 1
  const text = options.json ? JSON.stringify({ ok, checks: findings }) : show(findings)
  process.stdout.write(`${redact(text)}\n`)
}

function show(findings: readonly Finding[]): string {
  const rows = findings.map(({ check, status, found }) => [status.toUpperCase(), check, found])
  const fixes = findings.filter(({ fix }) => fix !== '').map(({ check, fix }) => `  ${check}: ${fix}`)
  const advice = fixes.length > 0 ? `\n\nWhat to do:\n${fixes.join('\n')}` : ''
  return `${table(['STATUS', 'CHECK', 'FOUND'], rows)}${advice}`
}
