/** The configuration and its files. */
import { readFileSync } from 'node:fs'
import { tlsProblems } from '../../config/tls-files.ts'
import type { ConfigReading } from '../../config.ts'
import { leafOf } from '../../listener/certificates.ts'
import { type Finding, fail, pass, warn } from './check.ts'

/** Everything wrong with the configuration, or one line that says that nothing is. */
export function configuration(reading: ConfigReading): readonly Finding[] {
  const { file, warnings } = reading
  const problems = [...reading.problems, ...tlsProblems(reading)]
  const found = [
    ...problems.map(({ code, field, at, value, cause, fix }) =>
      fail('configuration', `${code} ${field}=${value}${at ? ` (${at})` : ''}: ${cause}`, fix),
    ),
    ...warnings.map(({ field, at, cause, fix }) =>
      warn('configuration', `${field}${at ? ` (${at})` : ''}: ${cause}`, fix),
    ),
  ]
  return found.length > 0 ? found : [pass('configuration', file ?? 'no file; environment, flags and defaults')]
}

const dayMs = 86_400_000
const soonDays = 30

/** Whether the certificate is valid, and for how long. Nothing where there is none to look at. */
export function certificate({ config }: ConfigReading, now: number = Date.now()): readonly Finding[] {
  if (!config.httpsEnabled || config.tlsCertFile === '') return []
  const leaf = leafOf(readFileSync(config.tlsCertFile, 'utf8'))
  if (!leaf) return []
  const { subject, validFrom, validTo } = leaf
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)]
  const text = `${subject.replaceAll('\n', ', ')}, valid until ${new Date(to).toISOString().slice(0, 10)}`
  if (now > to) return [fail('certificate', `${text}: expired`, 'replace it; a running server takes the new one up')]
  if (now < from) return [fail('certificate', `${text}: not valid yet`, 'check the clock of this machine')]
  if (to - now < soonDays * dayMs) return [warn('certificate', text, 'renew it')]
  return [pass('certificate', text)]
}
