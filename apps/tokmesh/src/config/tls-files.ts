/** Whether the listener will take the files for TLS, before it is opened. */
import type { ConfigReading } from '../config.ts'
import { examineTlsFiles, type TlsFileError } from '../listener/certificates.ts'
import { keys } from './keys.ts'
import { type ConfigProblem, placeOf } from './problem.ts'

const fileKeys = ['tlsCertFile', 'tlsKeyFile', 'tlsClientCaFile'] as const

const fixes: Readonly<Record<TlsFileError['code'], string>> = {
  'TM-CFG-1003': 'correct the path, or put the file there',
  'TM-CFG-1004': 'let the user that runs TokMesh read it',
  'TM-CFG-1007': 'put in PEM what belongs there: the certificate and its chain, its key, or the authorities',
}

/** Everything wrong with the files, where HTTPS is enabled. None of their content is in a problem. */
export function tlsProblems({ config, origins }: Pick<ConfigReading, 'config' | 'origins'>): readonly ConfigProblem[] {
  if (!config.httpsEnabled) return []
  const { tlsCertFile: certFile, tlsKeyFile: keyFile, tlsClientCaFile: clientCaFile } = config
  return examineTlsFiles({ certFile, keyFile, clientCaFile }).faults.flatMap(({ code, field, file, problem }) => {
    const name = fileKeys.find((key) => keys[key].path === field)
    const place = name ? placeOf(origins[name], field) : { field }
    return [{ code, ...place, value: file, cause: problem, fix: fixes[code] }]
  })
}
