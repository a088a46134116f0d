/** Where lines go. */
export interface Destination {
  /** Takes one line with its line feed. */
  write(line: string): void
  /** Hands on at once what still waits, blocking if need be. Default: nothing waits. */
  flush?(): void
  /** The last call. Default: nothing is to be closed. */
  close?(): void
  /** How many lines were lost so far. Default: none are. */
  readonly dropped?: number
}
