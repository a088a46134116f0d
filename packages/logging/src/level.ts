/** How grave a line is, from the lowest to the highest. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const

/** One of {@link logLevels}. In the line it stands in upper case. */
export type LogLevel = (typeof logLevels)[number]

/** Returns the place of `level` in {@link logLevels}; -1 for what is none. */
export const rankOf = (level: LogLevel): number => logLevels.indexOf(level)
