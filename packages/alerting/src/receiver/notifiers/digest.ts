import { createHash } from 'node:crypto'

/** Returns 40 hexadecimal digits that stand for the text: the same for the same, and safe wherever an id may go. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 40)
}
