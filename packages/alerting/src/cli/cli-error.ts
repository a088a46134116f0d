/** The command can't be done: wrong usage, an endpoint that doesn't answer, a text that is no exposition. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: 'USAGE' | 'CONFIG' | 'UNREACHABLE' | 'NOT_AN_EXPOSITION'

  constructor(code: CliError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Returns what `make` returns; a `TypeError`, by which the writers refuse an option, is wrong usage. */
export function refusing<T>(make: () => T): T {
  try {
    return make()
  } catch (cause) {
    if (cause instanceof TypeError) throw new CliError('USAGE', cause.message, { cause })
    throw cause
  }
}
