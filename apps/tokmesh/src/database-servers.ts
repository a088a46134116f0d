/** What a `DATABASE_URL` says: one server, or several of which one is the primary, in libpq's form. */

/** The servers of an address, and what is asked of the one that is used. */
export interface DatabaseServers {
  /** An address of its own for each server, in the order given. They may hold a password. */
  readonly urls: readonly string[]
  /**
   * `primary`: no standby; `read-write`: one whose transactions may write, too. `undefined`: whatever answers, which
   * is the default where there is one server.
   */
  readonly wanted: 'primary' | 'read-write' | undefined
}

const parameter = 'target_session_attrs'

/** Reads an address such as `postgres://user:password@h1:5432,h2:5433/db?target_session_attrs=primary`. */
export function readServers(url: string): DatabaseServers {
  const urls = split(url).map((each) => {
    const parsed = new URL(each)
    // The driver takes what it does not know for settings of the server.
    if (parsed.searchParams.has(parameter)) parsed.searchParams.delete(parameter)
    return parsed.href
  })
  const given = wantedBy(url)
  const wanted = given === 'primary' || given === 'read-write' ? given : undefined
  return { urls, wanted: wanted ?? (urls.length > 1 ? 'read-write' : undefined) }
}

/** Why a node could not use the address, without showing any of it; `undefined` where it can. */
export function serversFault(url: string): string | undefined {
  // URLs are read without their line breaks and tabs, and are shown and passed on with them.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are looked for.
  if (/[\u0000-\u001f\u007f]/.test(url)) return 'it holds a line break or another control character'
  if (!/^postgres(?:ql)?:\/\/./.test(url)) return 'not a postgres:// URL'
  const urls = split(url)
  const several = urls.length > 1
  if (!urls.every((each) => URL.canParse(each)))
    return several ? 'one of its hosts or ports is not one' : 'not a postgres:// URL'
  if (several && urls.some((each) => new URL(each).hostname === '')) return 'one of its hosts is empty'
  if (!urls.every(isReadable)) return 'user, password, host or database has a % that is not escaped (%25)'
  const given = wantedBy(url)
  return given === undefined || given === 'primary' || given === 'read-write'
    ? undefined
    : `${parameter} is neither read-write nor primary, and a node has to write`
}

function wantedBy(url: string): string | undefined {
  return new URL(split(url)[0] ?? '').searchParams.get(parameter) ?? undefined
}

/** The address once for each of its hosts. */
function split(url: string): readonly string[] {
  const [, scheme = '', authority = '', rest = ''] = /^([^:]*:\/\/)([^/?#]*)(.*)$/s.exec(url) ?? []
  const at = authority.lastIndexOf('@') + 1
  const hosts = authority.slice(at).split(',')
  return hosts.map((host) => `${scheme}${authority.slice(0, at)}${host}${rest}`)
}

function isReadable(url: string): boolean {
  const { username, password, host, pathname } = new URL(url)
  try {
    for (const part of [username, password, host, pathname]) decodeURIComponent(part)
    return true
  } catch {
    return false
  }
}
