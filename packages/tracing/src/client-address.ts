import { BlockList, isIP } from 'node:net'
import type { Context } from 'hono'
import { headerOf } from './propagator.ts'

/** Who sent a request, and by which scheme. */
export interface Client {
  /** The connection's other end, or whom a trusted proxy names. `undefined` where the runtime does not tell. */
  readonly address: string | undefined
  /** The connection's other end. */
  readonly peer: string | undefined
  /** Whether the peer is a trusted proxy. */
  readonly proxied: boolean
}

/**
 * Returns a function that tells who sent a request: the other end of the connection, or, when that is in
 * `trustedProxies`, the first of these that is an address: `for=` of the first element of `Forwarded`, the left-most
 * of `X-Forwarded-For`, `X-Real-IP`. Throws a `TypeError` for an entry that is neither an address nor a CIDR block.
 */
export function createClientAddress(trustedProxies: readonly string[] = []): (c: Context) => Client {
  const trusted = blockListOf(trustedProxies)
  const peers = new Map<string, string | undefined>()
  const knownPeer = (text: string): string | undefined => {
    if (peers.has(text)) return peers.get(text)
    // Peers keep coming back, and to look at one takes longer than the rest; a thousand are kept at most.
    if (peers.size === 1000) peers.clear()
    const address = plainAddress(text)
    peers.set(text, address)
    return address
  }
  return (c) => {
    const connected = peerOf(c)
    const peer = connected === undefined ? undefined : knownPeer(connected)
    if (trusted === undefined || peer === undefined || !trusted.check(peer, familyOf(peer))) {
      return { address: peer, peer, proxied: false }
    }
    return { address: forwardedAddress(c) ?? peer, peer, proxied: true }
  }
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

function blockListOf(networks: readonly string[]): BlockList | undefined {
  if (!Array.isArray(networks)) throw new TypeError('tracing.http(): "trustedProxies" must be a list')
  if (networks.length === 0) return undefined
  const list = new BlockList()
  for (const network of networks) addNetwork(list, network)
  return list
}

function addNetwork(list: BlockList, network: string): void {
  const [text = '', bits, ...rest] = String(network).split('/')
  const address = plainAddress(text)
  const most = address !== undefined && isIP(address) === 6 ? 128 : 32
  const prefix = bits === undefined ? most : /^[0-9]{1,3}$/.test(bits) ? Number(bits) : Number.NaN
  if (address === undefined || rest.length > 0 || !(prefix <= most)) {
    throw new TypeError('tracing.http(): "trustedProxies" holds an entry that is neither an address nor a CIDR block')
  }
  list.addSubnet(address, prefix, familyOf(address))
}

/** The address in `text`, IPv4 in IPv6 as IPv4, without a zone; `undefined` when there is none. */
function plainAddress(text: string): string | undefined {
  const withoutZone = text.split('%', 1)[0] ?? ''
  const mapped = /^::ffff:([0-9.]+)$/i.exec(withoutZone)?.[1]
  const address = mapped ?? withoutZone
  return isIP(address) === 0 ? undefined : address.toLowerCase()
}

function forwardedAddress(c: Context): string | undefined {
  const forwarded = headerOf(c, 'forwarded')?.split(',', 1)[0]
  const candidates = [
    forwarded && /(?:^|;)\s*for\s*=\s*("[^"]*"|[^;\s]*)/i.exec(forwarded)?.[1]?.replaceAll('"', ''),
    headerOf(c, 'x-forwarded-for')
      ?.split(',')
      .find((part) => part.trim() !== ''),
    headerOf(c, 'x-real-ip'),
  ]
  for (const candidate of candidates) {
    const address = candidate && plainAddress(withoutPort(candidate.trim()))
    if (address) return address
  }
  return undefined
}

/** `1.2.3.4:80` and `[2001:db8::1]:80` without the port, and the latter without its brackets. */
function withoutPort(text: string): string {
  const match = /^(?:\[([0-9a-f:.]*)\]|([0-9.]+))(?::[0-9]{1,5})?$/i.exec(text)
  return match?.[1] ?? match?.[2] ?? text
}

/** What is used of the two runtimes' `env`: Node's `incoming`, and Bun's server or an object that holds it. */
interface RuntimeEnv {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } }
  readonly server?: RuntimeEnv
  readonly requestIP?: (request: Request) => { readonly address: string } | null
}

function peerOf(c: Context): string | undefined {
  const env = c.env as RuntimeEnv | undefined
  const holder = env?.server ?? env
  if (typeof holder?.requestIP === 'function') return holder.requestIP(c.req.raw)?.address
  return env?.incoming?.socket?.remoteAddress
}
