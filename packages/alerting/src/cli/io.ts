/** What the command line works with: a process has it, and a test can stand in for it. */
export interface CliIo {
  /** Writes to standard output. */
  out(text: string): void
  /** Writes to standard error. */
  err(text: string): void
  readonly stdin: AsyncIterable<Uint8Array | string>
  /** True when what reads the output shows colours. */
  readonly color: boolean
  /** Folder that paths are relative to. */
  readonly cwd: string
  /** Default: the platform's. */
  readonly fetch?: typeof fetch
}

/** What a command ends with: 0 for clean, 1 for faults that were found, 2 for wrong usage or an unreachable endpoint. */
export type ExitCode = 0 | 1 | 2
