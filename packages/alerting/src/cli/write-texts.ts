import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { CliIo } from './io.ts'

/** A file to be written. */
export interface Text {
  readonly file: string
  readonly text: string
}

/**
 * Writes the texts into the folder `out`, made if need be, and tells which; without one, or as `-`, to standard output,
 * one after the other with `separator` between them.
 */
export async function writeTexts(
  texts: readonly Text[],
  out: string | undefined,
  io: CliIo,
  separator: string,
): Promise<void> {
  if (out === undefined || out === '-') {
    io.out(texts.map(({ text }) => text).join(separator))
    return
  }
  const folder = resolve(io.cwd, out)
  await mkdir(folder, { recursive: true })
  for (const { file, text } of texts) {
    await writeFile(join(folder, file), text)
    io.err(`honoscope: wrote ${join(out, file)}\n`)
  }
}
