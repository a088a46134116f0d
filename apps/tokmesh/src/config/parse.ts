import { isIP } from 'node:net'

/** Text to value, for configuration. Every function returns `undefined` for text that is not of its type. */

const unitMs: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Milliseconds of a duration such as `30s`, `1.5h` or `1h30m`. A leading minus is understood, so that a range check can name it. */
export function parseDuration(text: string): number | undefined {
  if (!/^-?(?:\d+(?:\.\d+)?(?:ns|us|ms|s|m|h))+$/.test(text)) return undefined
  let total = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)/g)) {
    total += Number(amount) * (unitMs[unit ?? ''] ?? Number.NaN)
  }
  return text.startsWith('-') ? -total : total
}

const unitBytes: Readonly<Record<string, number>> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 }

/** Bytes of a size such as `1MB`; units are 1024-based and of any case. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB)$/.exec(text.toUpperCase())
  return match ? Math.floor(Number(match[1]) * (unitBytes[match[2] ?? ''] ?? Number.NaN)) : undefined
}

/** A whole number in decimal digits. */
export function parseInteger(text: string): number | undefined {
  return /^-?\d+$/.test(text) ? Number(text) : undefined
}

/** `true` or `false` (or `1`, `0`), in any case. */
export function parseBoolean(text: string): boolean | undefined {
  switch (text.toLowerCase()) {
    case 'true':
    case '1':
      return true
    case 'false':
    case '0':
      return false
    default:
      return undefined
  }
}

/** Where to listen. */
export interface HostPort {
  /** Without the brackets of an IPv6 address. */
  readonly host: string
  readonly port: number
}

/** `host:port`, an IPv6 address in brackets. An empty host means every interface. */
export function parseHostPort(text: string): HostPort | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^[\]:/\s]*)):(\d{1,9})$/.exec(text)
  if (!match) return undefined
  return { host: match[1] ?? (match[2] || '0.0.0.0'), port: Number(match[3]) }
}

/** The entries of a comma-separated list, without the blanks around them. */
export function parseList(text: string): readonly string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

/** Whether `entry` is one IPv4 or IPv6 address, or a CIDR block of either. Zone ids are refused. */
export function isIpOrCidr(entry: string): boolean {
  const [address = '', prefix, ...rest] = entry.split('/')
  const version = address.includes('%') ? 0 : isIP(address)
  if (version === 0 || rest.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128))
}

/** A decimal number, with or without a fraction and an exponent. */
export function parseNumber(text: string): number | undefined {
  return /^-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined
}

/** An `http://` or `https://` address, as it was written. */
export function parseUrl(text: string): string | undefined {
  return /^https?:\/\/[^\s/]/i.test(text) && URL.canParse(text) ? text : undefined
}
