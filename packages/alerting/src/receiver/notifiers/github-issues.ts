import { PermanentError } from '../notifier.ts'
import { digest } from './digest.ts'
import { readIssues, readLabels } from './github-answer.ts'
import { bodyOf, fenced, firstLine, markerOf } from './github-text.ts'
import { createHttpSender, discard, type HttpOptions } from './http-sender.ts'
import { checkHttpUrl, checkText } from './option-check.ts'
import type { Ticket, TicketSystem } from './ticket-system.ts'

/** Options of {@link githubIssues}. */
export interface GithubIssuesOptions extends HttpOptions {
  /** User or organisation. With anything but letters, digits, `.`, `_` and `-` it throws a TypeError. */
  readonly owner: string
  /** Name of the repository. As `owner`. */
  readonly repo: string
  /** A token that may write issues of this repository, and nothing else. A secret: it is in no error. */
  readonly token: string
  /** Label of all the tickets. Default: `alert`. Empty, or with a comma, throws a TypeError. */
  readonly label?: string
  /** For GitHub Enterprise: `https://github.example.com/api/v3`. Default: `https://api.github.com`. */
  readonly url?: string
}

const PAGE = 100
/** More tickets than these since an incident began are not looked through; then nothing is opened either. */
const MOST_PAGES = 20
/** Clocks differ, Prometheus's from GitHub's. Milliseconds. */
const SKEW_MS = 10 * 60_000

/**
 * Returns GitHub's issues as a system of tickets. It finds tickets by listing what has the label, not by GitHub's
 * search: that one knows new issues only after a while, and would have a repeated attempt open a second one.
 *
 * Throws a TypeError that names the option which is wrong.
 *
 * @example
 * ```ts
 * import { githubIssues } from '@honoscope/alerting/receiver'
 *
 * const system = githubIssues({ owner: 'example', repo: 'operations', token: 'secret', label: 'incident' })
 * ```
 */
export function githubIssues(options: GithubIssuesOptions): TicketSystem {
  const label = checkLabel(options.label ?? 'alert')
  const call = caller(options)
  return {
    find: (keys, sinceMs, signal) => find(call, label, new Set(keys), sinceMs, signal),
    async open(draft, signal) {
      const body = bodyOf(markerOf(digest(draft.key)), draft)
      const response = await call('POST', '/issues', { title: draft.title, body, labels: [label] }, signal)
      const issue = await readLabels(response)
      // GitHub drops labels in silence where the token may not push: such a ticket would never be found again.
      if (!issue.labels.includes(label)) throw new PermanentError('githubIssues: the token may not set labels')
      return { id: issue.id, open: true }
    },
    async comment(ticketId, { key, text, sinceMs }, signal) {
      const marker = markerOf(digest(key))
      const path = `/issues/${ticketId}/comments`
      const query = `?since=${timeOf(sinceMs)}&per_page=${PAGE}`
      const there = await readIssues(await call('GET', `${path}${query}`, undefined, signal))
      if (there.some((comment) => firstLine(comment.body) === marker)) return
      await discard(await call('POST', path, { body: `${marker}\n${fenced(text)}` }, signal))
    },
    async close(ticketId, signal) {
      const body = { state: 'closed', state_reason: 'completed' }
      await discard(await call('PATCH', `/issues/${ticketId}`, body, signal))
    },
  }
}

async function find(
  call: Call,
  label: string,
  keys: ReadonlySet<string>,
  sinceMs: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Ticket>> {
  const wanted = new Map(Array.from(keys, (key) => [markerOf(digest(key)), key]))
  const found = new Map<string, Ticket>()
  const query = `?labels=${encodeURIComponent(label)}&state=all&since=${timeOf(sinceMs)}&per_page=${PAGE}`
  for (let page = 1; found.size < wanted.size; page++) {
    if (page > MOST_PAGES)
      throw new PermanentError(`githubIssues: more than ${PAGE * MOST_PAGES} tickets to look through`)
    const issues = await readIssues(await call('GET', `/issues${query}&page=${page}`, undefined, signal))
    for (const { id, open, body } of issues) {
      const key = wanted.get(firstLine(body))
      if (key !== undefined) found.set(key, { id, open })
    }
    if (issues.length < PAGE) break
  }
  return found
}

type Call = (
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  body: object | undefined,
  signal: AbortSignal,
) => Promise<Response>

function caller(options: GithubIssuesOptions): Call {
  for (const option of ['owner', 'repo'] as const)
    if (!/^(?!\.+$)[\w.-]{1,100}$/.test(options[option])) throw new TypeError(`githubIssues: ${option} must be a name`)
  const url = checkHttpUrl('githubIssues: url', options.url ?? 'https://api.github.com').replace(/\/+$/, '')
  const token = checkText('githubIssues: token', options.token)
  if (/[^\x21-\x7e]/.test(token)) throw new TypeError('githubIssues: token has what no token has')
  const send = createHttpSender('githubIssues', options)
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'application/vnd.github+json',
    'x-github-api-version': '2022-11-28',
  }
  return (method, path, body, signal) =>
    send({
      method,
      url: `${url}/repos/${options.owner}/${options.repo}${path}`,
      headers,
      signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
}

function timeOf(ms: number): string {
  return new Date(ms - SKEW_MS).toISOString()
}

function checkLabel(label: string): string {
  checkText('githubIssues: label', label)
  if (label.includes(',') || label.length > 50) throw new TypeError('githubIssues: label must be one label')
  return label
}
