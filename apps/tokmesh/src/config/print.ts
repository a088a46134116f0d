/** The configuration in force, for people and for the log, without secrets. */

import { redact } from '@honoscope/logging'
import { Document, isScalar, isSeq } from 'yaml'
import type { Config, ConfigReading } from '../config.ts'
import type { Plain } from './key-types.ts'
import { keyList } from './keys.ts'
import { maskAddress, type Origin, shown } from './problem.ts'

/** Every value by its key's path, as it would be written in a file; what may be secret is masked. */
export function plainConfig(config: Config): Readonly<Record<string, Plain>> {
  return Object.fromEntries(
    keyList.map(([name, key]) => {
      const value = key.format(config[name])
      return [key.path, typeof value === 'string' ? shown(key.path, value) : value]
    }),
  )
}

/** The configuration as YAML that can be used as a file, with the source of each value beside it. */
export function printConfig({ config, origins, variables }: ConfigReading): string {
  const document = new Document({})
  const plain = plainConfig(config)
  for (const [name, { path }] of keyList) {
    const node = document.createNode(plain[path])
    if (isSeq(node)) node.flow = true
    if (isSeq(node) || isScalar(node)) node.comment = ` ${describeOrigin(origins[name])}`
    document.setIn(path.split('.'), node)
  }
  const database = config.databaseUrl === undefined ? 'embedded, in storage.data_dir' : maskAddress(config.databaseUrl)
  const standbys = config.databaseReplicaUrls.map(maskAddress)
  const head = [
    'The configuration of TokMesh as it is in force. What comes from variables outside the key list:',
    `database: ${database}`,
    ...(standbys.length > 0 ? [`standbys: ${standbys.join(', ')}`] : []),
    ...variables.filter((name) => name.startsWith('TOKMESH_BOOTSTRAP_')).map((name) => `${name}: set`),
  ]
  document.commentBefore = head.map((line) => ` ${line}`).join('\n')
  return redact(document.toString({ lineWidth: 0 }))
}

function describeOrigin(origin: Origin): string {
  if (origin.kind === 'default') return 'default'
  return origin.kind === 'file' ? `${origin.file}:${origin.line}` : origin.name
}
