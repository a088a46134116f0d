import ipaddr, { type IPv4, type IPv6 } from 'ipaddr.js'
import { type Ip, parseIp, parseIpv6 } from './ip.ts'

/** A network: its address, host bits cleared or not, and the length of its prefix. */
export type Network = readonly [IPv4 | IPv6, number]

/** Whether the network holds the address. Neither kind of address is in a network of the other, `0.0.0.0/0` and `::/0` included. */
export function contains([network, bits]: Network, { value }: Ip): boolean {
  return network.kind() === value.kind() && value.match(network, bits)
}

/** The network in `text`, `undefined` when it is none. A single address is a network of one. */
export function readNetwork(text: string): Network | undefined {
  if (typeof text !== 'string' || text.includes('%')) return undefined
  const slash = text.indexOf('/')
  if (slash < 0) {
    const value = parseIp(text)?.value
    return value && [value, value.kind() === 'ipv4' ? 32 : 128]
  }
  const prefix = text.slice(slash + 1)
  return /^(?:0|[1-9][0-9]{0,2})$/.test(prefix) ? readCidr(text.slice(0, slash), Number(prefix)) : undefined
}

function readCidr(base: string, bits: number): Network | undefined {
  const v6 = parseIpv6(base)
  if (!v6) {
    const v4 = parseIp(base)?.value
    return v4 && bits <= 32 ? [v4, bits] : undefined
  }
  // Only a prefix inside ::ffff:0:0/96 is a network of IPv4 addresses; a shorter one covers more than those.
  if (v6.isIPv4MappedAddress() && bits >= 96) return bits <= 128 ? [v6.toIPv4Address(), bits - 96] : undefined
  return bits <= 128 ? [ipaddr.IPv6.networkAddressFromCIDR(`${v6}/${bits}`), bits] : undefined
}

/**
 * Returns an IP address or a CIDR block in the one text that stands for it: host bits cleared, IPv6 as RFC 5952 has
 * it, IPv4-mapped IPv6 as IPv4, a block of one address as that address. `undefined` when `text` is neither.
 *
 * @example
 * parseNetwork('10.1.2.3/8') // '10.0.0.0/8'
 */
export function parseNetwork(text: string): string | undefined {
  const network = readNetwork(text)
  if (!network) return undefined
  const [value, bits] = network
  if (value.kind() === 'ipv4') {
    const base = ipaddr.IPv4.networkAddressFromCIDR(`${value}/${bits}`)
    return bits === 32 ? base.toString() : `${base}/${bits}`
  }
  const base = ipaddr.IPv6.networkAddressFromCIDR(`${value}/${bits}`).toRFC5952String()
  return bits === 128 ? base : `${base}/${bits}`
}
