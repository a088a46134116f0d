import { readFileSync } from 'node:fs'

/** This build's version, as in its package.json. */
export function version(): string {
  // Two folders up from the sources and from the built files alike.
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return typeof manifest === 'object' && manifest && 'version' in manifest ? String(manifest.version) : 'unknown'
}
