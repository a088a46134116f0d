/** Value to text, for configuration: what `parse.ts` reads. */
import type { HostPort } from './parse.ts'

const durationUnits = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const

/** Milliseconds as a duration in as few units as it takes: `1h30m`, `100ms`, `0s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s'
  if (ms < 0) return `-${formatDuration(-ms)}`
  let [text, left] = ['', Math.floor(ms)]
  for (const [unit, length] of durationUnits) {
    const count = Math.floor(left / length)
    if (count > 0) text += `${count}${unit}`
    left -= count * length
  }
  const nanoseconds = Math.round((ms - Math.floor(ms)) * 1e6)
  return nanoseconds > 0 ? `${text}${nanoseconds}ns` : text
}

const sizeUnits = [
  ['GB', 1024 ** 3],
  ['MB', 1024 ** 2],
  ['KB', 1024],
] as const

/** Bytes as a size in the largest unit that holds them without a fraction: `1MB`, `1500B`. */
export function formatSize(bytes: number): string {
  const [unit, length] = sizeUnits.find(([, each]) => bytes > 0 && bytes % each === 0) ?? ['B', 1]
  return `${bytes / length}${unit}`
}

/** `host:port`, an IPv6 address in brackets. */
export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
