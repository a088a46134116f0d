/** The files behind the reference page, read when one is first asked for: most processes are never asked. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { pageScript, pageStyle } from './page.ts'

/** A file, in both of its encodings. */
export interface Asset {
  readonly contentType: string
  /** Changes with the content. */
  readonly version: string
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly gzipped: Uint8Array<ArrayBuffer>
}

const require = createRequire(import.meta.url)
const fromPackage = (file: string) => readFile(require.resolve(`swagger-ui-dist/${file}`))

const sources = {
  'swagger-ui.css': () => fromPackage('swagger-ui.css'),
  'swagger-ui-bundle.js': () => fromPackage('swagger-ui-bundle.js'),
  'page.css': async () => Buffer.from(pageStyle),
  'page.js': async () => Buffer.from(pageScript),
} as const

/** Names of all files. There are no others: a name out of a request is never part of a path. */
export const assetNames = Object.keys(sources) as readonly AssetName[]

/** Name of a file. */
export type AssetName = keyof typeof sources

/** Returns a reader that reads and compresses each file once. Rejects, and tries again later, where it can't. */
export function createAssets(): (name: AssetName) => Promise<Asset> {
  const known = new Map<AssetName, Promise<Asset>>()
  return (name) => {
    const found = known.get(name) ?? load(name)
    known.set(name, found)
    found.catch(() => known.delete(name))
    return found
  }
}

async function load(name: AssetName): Promise<Asset> {
  const bytes = Uint8Array.from(await sources[name]())
  return {
    contentType: name.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8',
    version: createHash('sha256').update(bytes).digest('base64url').slice(0, 16),
    bytes,
    gzipped: Uint8Array.from(await promisify(gzip)(bytes)),
  }
}
