/** Keys out of a YAML file. */
import { dirname } from 'node:path'
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type Scalar, type YAMLMap } from 'yaml'
import type { ConfigFile } from './file.ts'
import { type Findings, type GivenValues, mistyped, take } from './given.ts'
import type { Key } from './key-types.ts'
import { keyList } from './keys.ts'
import type { Origin } from './problem.ts'
import { suggest } from './suggest.ts'

/** Every part of a path above a key: `server`, `server.http`, … */
const sections = new Set(
  keyList.flatMap(([, { path }]) => path.split('.').map((_, i, parts) => parts.slice(0, i).join('.'))),
)

/**
 * What the file gives. A value that is not of its key's type is a problem, as is a file that is no YAML; what is
 * unknown is ignored, with a warning that doesn't show the value.
 */
export function readYaml({ path: file, text }: ConfigFile, findings: Findings): GivenValues {
  const given: GivenValues = new Map()
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const lineAt = (offset: number | undefined) => Math.max(1, lines.linePos(offset ?? 0).line)
  const refuse = (field: string, line: number, value: string, cause: string, fix: string) =>
    findings.problems.push({ code: 'TM-CFG-1001', field, at: `${file}:${line}`, value, cause, fix })

  const section = (map: YAMLMap, above: string) => {
    for (const { key: label, value } of map.items) {
      const name = isScalar(label) ? String(label.value) : '?'
      const path = above === '' ? name : `${above}.${name}`
      const line = lineAt((label as Node | null)?.range?.[0])
      const node = isAlias(value) ? value.resolve(document) : (value as Node | null)
      if (isAlias(value) && !node) refuse(path, line, '…', 'there is no such anchor', 'define it further up')
      else pair(path, line, node)
    }
  }
  const pair = (path: string, line: number, node: Node | null | undefined) => {
    const entry = keyList.find(([, key]) => key.path === path)
    const empty = !node || (isScalar(node) && node.value === null)
    if (entry) {
      const origin: Origin = { kind: 'file', file, line }
      if (empty) return refuse(path, line, '', 'there is no value', `write ${entry[1].form}, or remove the line`)
      const content = textOf(entry[1], node, document)
      if (content.ok && take(entry, content.text, origin, { given, findings, folder: dirname(file) })) return
      return findings.problems.push(mistyped(entry[1], content.text, origin))
    }
    if (!sections.has(path)) return findings.warnings.push(unknown(path, `${file}:${line}`))
    if (isMap(node)) return section(node, path)
    if (!empty) refuse(path, line, '…', 'a section, not a value', 'put its keys below it, indented')
  }

  const [fault] = document.errors
  if (fault) {
    // What follows a colon and a quote is text of the file.
    const several = fault.code === 'MULTIPLE_DOCS'
    const cause = several ? 'several documents' : `not valid YAML: ${fault.message.split(/:? "/)[0]}`
    refuse(
      'configuration file',
      lineAt(fault.pos[0]),
      '…',
      cause,
      several ? 'leave one' : 'correct the file at this line',
    )
  } else if (isMap(document.contents)) section(document.contents, '')
  else if (document.contents && !(isScalar(document.contents) && document.contents.value === null)) {
    refuse(
      'configuration file',
      1,
      '…',
      'not sections and keys',
      'write it like "server:", and keys below it, indented',
    )
  }
  return given
}

/** The node as text for the key's `parse`; not `ok` when it is of a YAML type that the key can't be. */
function textOf(
  key: Key<unknown>,
  node: Node,
  document: Parameters<typeof isScalar>[0] & object,
): { ok: boolean; text: string } {
  if (isSeq(node)) {
    const items = node.items.map((item) => (isAlias(item) ? item.resolve(document as never) : item))
    const texts = items.map((item) => (isScalar(item) ? scalarText(item) : '{…}'))
    const usable = key.yaml === 'list' && texts.every((text) => text !== '' && !text.includes(','))
    const text = texts.join(',')
    return usable && key.parse(text) !== undefined ? { ok: true, text } : { ok: false, text: `[${texts.join(', ')}]` }
  }
  if (!isScalar(node)) return { ok: false, text: '{…}' }
  const { value } = node
  const ok = typeof value === 'string' || typeof value === key.yaml
  return { ok, text: scalarText(node) }
}

/** As it was written, without quotes. */
const scalarText = ({ value, source }: Scalar): string =>
  typeof value === 'number' ? (source ?? String(value)) : String(value).trim()

function unknown(path: string, at: string) {
  const meant =
    suggest(
      path,
      keyList.map(([, key]) => key.path),
    ) ?? suggest(path, [...sections])
  return { field: path, at, cause: 'no such key, ignored', fix: meant ? `did you mean ${meant}?` : 'remove it' }
}
