import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The data folder is held by another process that is alive. */
export class DataFolderInUseError extends Error {
  override readonly name = 'DataFolderInUseError'
  readonly code = 'DATA_FOLDER_IN_USE'
}

/** The data folder can't be made, read or written. */
export class DataFolderUnusableError extends Error {
  override readonly name = 'DataFolderUnusableError'
  readonly code = 'DATA_FOLDER_UNUSABLE'
}

/** Who holds a folder. `born` tells a process from a later one with the same id; `''` where the system can't say. */
interface Holder {
  readonly pid: number
  readonly born: string
}

const claimPattern = /^lock\.(\d+)$/

/**
 * Claims the folder for this process, making it where it is missing, and returns how to release it. A second
 * claim, by this process or another, throws {@link DataFolderInUseError}; what a killed process left behind does not.
 * A folder that can't be made, read or written throws {@link DataFolderUnusableError}.
 *
 * Claims are files `lock.<n>` with rising numbers, and the highest one counts. A number is taken by linking a
 * complete file to it, which succeeds for one process only, and is never used again: so of two processes that
 * find the same dead holder, one gets the folder, and none can remove the claim of the other.
 */
export function claimDataFolder(folder: string): () => void {
  try {
    return claim(folder)
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error && 'code' in error)) throw error
    const message = `the data folder ${resolve(folder)} cannot be used (${error.code})`
    throw new DataFolderUnusableError(message, { cause: error })
  }
}

function claim(folder: string): () => void {
  mkdirSync(folder, { recursive: true })
  for (;;) {
    const latest = latestClaim(folder)
    const pid = holderOf(folder, latest)
    if (pid !== undefined) {
      throw new DataFolderInUseError(`the data folder ${resolve(folder)} is in use by process ${pid}`)
    }
    const mine = join(folder, `lock.${latest + 1}`)
    if (!link(folder, mine, { pid: process.pid, born: birthOf(process.pid) })) continue
    if (latest > 0) rmSync(join(folder, `lock.${latest}`), { force: true })
    return () => writeFileSync(mine, '')
  }
}

/** Id of the living process that has the folder; `undefined` where none has. It changes nothing. */
export function holderOf(folder: string, latest: number = latestClaim(folder)): number | undefined {
  const holder = latest === 0 ? undefined : readHolder(join(folder, `lock.${latest}`))
  return holder && isAlive(holder) ? holder.pid : undefined
}

function latestClaim(folder: string): number {
  return Math.max(0, ...readdirSync(folder).map((name) => Number(claimPattern.exec(name)?.[1] ?? 0)))
}

/** False when another process was first. */
function link(folder: string, claim: string, holder: Holder): boolean {
  const draft = join(folder, `.lock-${process.pid}-${Math.random().toString(36).slice(2)}`)
  writeFileSync(draft, JSON.stringify(holder), { flag: 'wx' })
  try {
    linkSync(draft, claim)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/** `undefined` for a claim that was released, or that its successor has removed meanwhile. */
function readHolder(claim: string): Holder | undefined {
  try {
    const holder: unknown = JSON.parse(readFileSync(claim, 'utf8'))
    if (typeof holder !== 'object' || holder === null || !('pid' in holder) || !('born' in holder)) return undefined
    return { pid: Number(holder.pid), born: String(holder.born) }
  } catch {
    return undefined
  }
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    // EPERM: it lives, under another user.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  // In a container the new process often has the id of the killed one.
  return birthOf(holder.pid) === holder.born
}

/** Start of the process and of the system, on Linux. */
function birthOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Fields are counted behind the name, which may hold blanks and parentheses; the 22nd is the start time.
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${started}`
  } catch {
    return ''
  }
}
