import { messageOf } from '../../message-of.ts'

/** What a check has found. */
export interface Finding {
  /** What was looked at. */
  readonly check: string
  readonly status: 'pass' | 'warn' | 'fail'
  /** What there is. */
  readonly found: string
  /** What to do about it; `''` where nothing is to be done. */
  readonly fix: string
}

export const pass = (check: string, found: string): Finding => ({ check, status: 'pass', found, fix: '' })
export const warn = (check: string, found: string, fix: string): Finding => ({ check, status: 'warn', found, fix })
export const fail = (check: string, found: string, fix: string): Finding => ({ check, status: 'fail', found, fix })

/** What `work` finds; a finding of its own when it fails, so that one broken check costs no other. */
export async function attempt(
  check: string,
  fix: string,
  work: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await work()
  } catch (error) {
    return [fail(check, messageOf(error), fix)]
  }
}
