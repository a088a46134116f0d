import ipaddr, { type IPv4, type IPv6 } from 'ipaddr.js'

/** An address in the form that lists compare: IPv4-mapped IPv6 is IPv4, and there is no zone. */
export interface Ip {
  readonly value: IPv4 | IPv6
  /** Dotted quad or RFC 5952 text, at most 39 characters. */
  readonly text: string
}

// ipaddr.js follows inet_aton: it takes 0x7f.1 and 010.0.0.1, and reads ::1.2.3.4 as IPv4-mapped. An allow list
// must mean one thing only, so the text is checked here and the library sees nothing but plain quads and hex groups.
const octet = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
const quad: RegExp = new RegExp(`^${octet}(?:\\.${octet}){3}$`)
const hexGroups = /^[0-9a-fA-F:]{2,39}$/

/** The address in `text`, `undefined` when it is none. A zone (`%eth0`) is dropped; a port or a bracket is not taken. */
export function parseIp(text: string): Ip | undefined {
  if (quad.test(text)) return { value: ipaddr.IPv4.parse(text), text }
  const parsed = parseIpv6(text)
  if (!parsed) return undefined
  const value = parsed.isIPv4MappedAddress() ? parsed.toIPv4Address() : parsed
  return { value, text: value.kind() === 'ipv6' ? (value as IPv6).toRFC5952String() : value.toString() }
}

/** The IPv6 address in `text` as it stands, mapped or not, without its zone. */
export function parseIpv6(text: string): IPv6 | undefined {
  const zone = text.indexOf('%')
  const groups = quadAsHex(zone < 0 ? text : text.slice(0, zone))
  if (groups === undefined || !groups.includes(':') || !hexGroups.test(groups)) return undefined
  return ipaddr.IPv6.isValid(groups) ? ipaddr.IPv6.parse(groups) : undefined
}

/** `::ffff:1.2.3.4` as `::ffff:102:304`; text without a quad as it is. */
function quadAsHex(text: string): string | undefined {
  if (!text.includes('.')) return text
  const start = text.lastIndexOf(':') + 1
  const tail = text.slice(start)
  if (start === 0 || !quad.test(tail)) return undefined
  const [a, b, c, d] = ipaddr.IPv4.parse(tail).octets as [number, number, number, number]
  return `${text.slice(0, start)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}
