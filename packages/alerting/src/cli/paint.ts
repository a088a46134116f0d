/** Words in colours, or plain where none are shown. */
export interface Paint {
  bad(text: string): string
  good(text: string): string
  faint(text: string): string
  bold(text: string): string
}

/** Returns how words are coloured. */
export function paint(color: boolean): Paint {
  const wrap = (code: number) => (text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text)
  return { bad: wrap(31), good: wrap(32), faint: wrap(2), bold: wrap(1) }
}

/** Returns the rows as lines, each column as wide as its widest cell. */
export function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
