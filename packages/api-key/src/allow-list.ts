import ipaddr, { type IPv4, type IPv6 } from 'ipaddr.js'
import { type Ip, parseIp, parseIpv6 } from './ip.ts'

/** Addresses from which something is allowed. */
export interface AllowList {
  /** Number of entries; an empty list restricts nothing. */
  readonly size: number
  /** Whether this address may pass. An address that is none, `''` too, passes only an empty list. */
  allows(address: string): boolean
}

type Range = readonly [IPv4 | IPv6, number]

/**
 * Reads IPs and CIDRs, v4 and v6. A CIDR with host bits set stands for its network, and IPv4-mapped IPv6 for its
 * IPv4. Throws a `TypeError` that names the first entry which is neither.
 *
 * @example
 * parseAllowList(['10.0.0.0/8', '2001:db8::1']).allows('10.1.2.3') // true
 */
export function parseAllowList(entries: readonly string[]): AllowList {
  const ranges = entries.map((entry) => {
    const range = parseRange(entry)
    if (!range) throw new TypeError(`allow list: ${JSON.stringify(entry)} is neither an IP address nor a CIDR`)
    return range
  })
  return {
    size: ranges.length,
    allows: (address) => {
      if (ranges.length === 0) return true
      const ip = parseIp(address)
      return ip !== undefined && ranges.some((range) => contains(range, ip))
    },
  }
}

function contains([network, bits]: Range, { value }: Ip): boolean {
  return network.kind() === value.kind() && value.match(network, bits)
}

function parseRange(entry: string): Range | undefined {
  if (typeof entry !== 'string' || entry.includes('%')) return undefined
  const slash = entry.indexOf('/')
  if (slash < 0) {
    const value = parseIp(entry)?.value
    return value && [value, value.kind() === 'ipv4' ? 32 : 128]
  }
  const prefix = entry.slice(slash + 1)
  return /^(?:0|[1-9][0-9]{0,2})$/.test(prefix) ? parseCidr(entry.slice(0, slash), Number(prefix)) : undefined
}

function parseCidr(base: string, bits: number): Range | undefined {
  const v6 = parseIpv6(base)
  if (!v6) {
    const v4 = parseIp(base)?.value
    return v4 && bits <= 32 ? [v4, bits] : undefined
  }
  // Only a prefix inside ::ffff:0:0/96 is a network of IPv4 addresses; a shorter one covers more than those.
  if (v6.isIPv4MappedAddress() && bits >= 96) return bits <= 128 ? [v6.toIPv4Address(), bits - 96] : undefined
  return bits <= 128 ? [ipaddr.IPv6.networkAddressFromCIDR(`${v6}/${bits}`), bits] : undefined
}
