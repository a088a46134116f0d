import { parseIp } from './ip.ts'
import { contains, readNetwork } from './network.ts'

/** Addresses from which something is allowed. */
export interface AllowList {
  /** Number of entries; an empty list restricts nothing. */
  readonly size: number
  /** Whether this address may pass. An address that is none, `''` too, passes only an empty list. */
  allows(address: string): boolean
}

/**
 * Reads IPs and CIDRs, v4 and v6. A CIDR with host bits set stands for its network, and IPv4-mapped IPv6 for its
 * IPv4. Throws a `TypeError` that names the first entry which is neither.
 *
 * @example
 * parseAllowList(['10.0.0.0/8', '2001:db8::1']).allows('10.1.2.3') // true
 */
export function parseAllowList(entries: readonly string[]): AllowList {
  const networks = entries.map((entry) => {
    const network = readNetwork(entry)
    if (!network) throw new TypeError(`allow list: ${JSON.stringify(entry)} is neither an IP address nor a CIDR`)
    return network
  })
  return {
    size: networks.length,
    allows: (address) => {
      if (networks.length === 0) return true
      const ip = parseIp(address)
      return ip !== undefined && networks.some((network) => contains(network, ip))
    },
  }
}
