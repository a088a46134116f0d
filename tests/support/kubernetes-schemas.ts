/** Whether a document is what the API server and the Prometheus operator would take. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Manifest } from './manifests.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The module that has the model of a document: `apps/v1` → `kubernetes-models/apps/v1`. */
function moduleOf(apiVersion: string): string {
  const operator = apiVersion.startsWith('monitoring.coreos.com/')
  return `${operator ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models'}/${apiVersion}`
}

/** What the OpenAPI schemas say of a document: types, required fields, formats. They pass unknown fields over. */
export async function schemaFaults(document: Manifest): Promise<readonly string[]> {
  const models = await import(moduleOf(document.apiVersion))
  const Model = models[document.kind]
  if (Model === undefined) return [`there is no ${document.kind} in ${document.apiVersion}`]
  try {
    new Model(document).validate()
    return []
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

/**
 * What the compiler says of documents, each written as a literal of its type: it refuses a field that the type does
 * not have, `readinesProbe` say, which the API server would drop or refuse.
 */
export function fieldFaults(documents: readonly Manifest[]): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'honoscope-literals-'))
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    // One document a file, so that a message says which one it is about.
    const files = documents.map((document, i) => {
      const name = `${i}-${document.kind}-${document.metadata.name}.ts`
      const type = `import('${moduleOf(document.apiVersion)}').I${document.kind}`
      writeFileSync(join(folder, name), `export const it: ${type} = ${JSON.stringify(document)}\n`)
      return name
    })
    const flags = ['--noEmit', '--strict', '--skipLibCheck', '--pretty', 'false', '--target', 'es2023']
    const modules = ['--module', 'nodenext', '--types', '']
    const tsc = join(root, 'node_modules', '.bin', 'tsc')
    const { status, stdout, stderr, error } = spawnSync(tsc, [...flags, ...modules, ...files], {
      cwd: folder,
      encoding: 'utf8',
    })
    if (status === 0) return []
    return error ? [String(error)] : `${stdout}${stderr}`.trim().split('\n')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
