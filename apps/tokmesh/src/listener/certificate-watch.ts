/** The files of a listener with TLS, watched for changes. */
import { stat } from 'node:fs/promises'
import type { TlsFiles } from '../listener.ts'
import { type Certificates, readCertificates, type TlsPaths } from './certificates.ts'

/** Within these together a change is noticed and tried: 5 s are promised. Milliseconds. */
const pollMs = 500
const settleMs = 2500

/** What a watch needs. */
export interface WatchOptions {
  readonly files: TlsFiles
  /** The {@link signatureOf} the files that was taken before those in use were read. */
  readonly seen: string
  /** Puts new certificates to use; may throw. */
  readonly use: (certificates: Certificates) => void
}

/**
 * Looks at the files twice a second, and puts each change to use. Files are compared by what a look from outside
 * shows, links followed, so that renames over them and Kubernetes' swap of a linked folder are noticed.
 *
 * Certificate and key are often replaced one after the other: what doesn't fit is a failure only when it still
 * doesn't after 2.5 s. Returns the end of the watch.
 */
export function watchCertificates({ files, use, ...options }: WatchOptions): () => void {
  let { seen } = options
  let changedAt: number | undefined
  let looking = false
  const look = async () => {
    const signature = await signatureOf(files)
    if (signature !== seen) changedAt = performance.now()
    seen = signature
    if (changedAt === undefined) return
    try {
      use(readCertificates(files))
    } catch (error) {
      if (performance.now() - changedAt < settleMs) return
      changedAt = undefined
      return files.onReload(error instanceof Error ? error : new Error('the certificates cannot be used'))
    }
    changedAt = undefined
    files.onReload(undefined)
  }
  const timer = setInterval(() => {
    if (looking) return
    looking = true
    void look().finally(() => {
      looking = false
    })
  }, pollMs)
  timer.unref()
  return () => clearInterval(timer)
}

/** Changes when one of the files does. */
export async function signatureOf({ certFile, keyFile, clientCaFile }: TlsPaths): Promise<string> {
  const looks = [certFile, keyFile, clientCaFile].map(async (file) => {
    if (!file) return ''
    const { dev, ino, size, mtimeMs, ctimeMs } = await stat(file)
    return [dev, ino, size, mtimeMs, ctimeMs].join(':')
  })
  const results = await Promise.allSettled(looks)
  return results.map((result) => (result.status === 'fulfilled' ? result.value : 'missing')).join(' ')
}
