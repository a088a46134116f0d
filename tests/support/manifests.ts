/** The manifests of `deploy/kubernetes`: as they are written, and as Kustomize puts them together. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'

/** A document of Kubernetes. What is below its head is looked at by the schemas, not by these types. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
  }
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into it, after the schemas have held.
  readonly [field: string]: any
}

/** The folder of the manifests. */
export const manifests: string = fileURLToPath(new URL('../../deploy/kubernetes', import.meta.url))

/** Every folder that Kustomize builds. */
export const folders: readonly string[] = filesBelow(manifests)
  .filter((file) => file.endsWith('/kustomization.yaml'))
  .map((file) => relative(manifests, join(file, '..')))
  .sort()

const version = (): readonly [number, number] | undefined => {
  const { status, stdout } = spawnSync('kubectl', ['version', '--client', '--output=json'], { encoding: 'utf8' })
  if (status !== 0) return undefined
  const { major, minor } = JSON.parse(stdout).clientVersion
  return [Number.parseInt(major, 10), Number.parseInt(minor, 10)]
}
const kubectl = version()

/** True when `kubectl` (Debian package `kubernetes-client`) is installed. */
export const hasKubectl: boolean = kubectl !== undefined

/** All documents of a text, with an error for one that is no YAML. */
export function documentsIn(text: string): readonly Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors[0]) throw document.errors[0]
    return document.contents === null ? [] : [document.toJS() as Manifest]
  })
}

/** The documents of a folder's files as they are written, by the file's path; not Kustomize's own. */
export function written(folder: string): ReadonlyMap<string, readonly Manifest[]> {
  const files = filesBelow(join(manifests, folder)).filter((file) => !file.endsWith('/kustomization.yaml'))
  return new Map(files.map((file) => [relative(manifests, file), documentsIn(readFileSync(file, 'utf8'))]))
}

/** What `kubectl kustomize` makes of a folder. Throws with what it says when it can't. */
export function kustomize(folder: string): readonly Manifest[] {
  const copy = mkdtempSync(join(tmpdir(), 'honoscope-kustomize-'))
  try {
    cpSync(manifests, copy, { recursive: true })
    if (kubectl && kubectl[0] === 1 && kubectl[1] < 21) useOldNames(copy)
    const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', join(copy, folder)], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`kubectl kustomize ${folder}: ${stderr}${stdout}`)
    return documentsIn(stdout)
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** Debian's kubectl 1.20 has the Kustomize of 2019, which knows two things by names that are deprecated since. */
function useOldNames(copy: string): void {
  for (const file of filesBelow(copy).filter((name) => name.endsWith('/kustomization.yaml'))) {
    const text = readFileSync(file, 'utf8')
    const lines = text
      .replace(/^resources:\n((?: {2}- \.\..*\n)+)/m, 'bases:\n$1resources:\n')
      .replace(/^patches:$/m, 'patchesStrategicMerge:')
      .replace(/^ {2}- path: /gm, '  - ')
    writeFileSync(file, lines)
  }
}

function filesBelow(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true })
  return entries.filter((e) => e.isFile() && e.name.endsWith('.yaml')).map((e) => join(e.parentPath, e.name))
}
