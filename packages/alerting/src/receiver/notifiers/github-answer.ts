import { DeliveryError } from './delivery-error.ts'

/** What is read of an issue, or of a comment. */
export interface Issue {
  /** Its number. */
  readonly id: string
  readonly body: string
  readonly open: boolean
}

/** Resolves to the issues or comments of a listing; rejects with a {@link DeliveryError} when it is none. */
export async function readIssues(response: Response): Promise<readonly Issue[]> {
  const answer = await readJson(response)
  if (!Array.isArray(answer)) throw new DeliveryError('githubIssues: an answer that is no list')
  return answer.map(issueOf)
}

/** Resolves to an issue with its labels; rejects with a {@link DeliveryError} when it is none. */
export async function readLabels(response: Response): Promise<Issue & { readonly labels: readonly string[] }> {
  const answer = (await readJson(response)) as { labels?: unknown } | null
  const labels = Array.isArray(answer?.labels) ? answer.labels : []
  return { ...issueOf(answer), labels: labels.map((label) => String((label as { name?: unknown } | null)?.name)) }
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    throw new DeliveryError('githubIssues: an answer that is no JSON')
  }
}

function issueOf(value: unknown): Issue {
  const { number, body, state } = (value ?? {}) as { number?: unknown; body?: unknown; state?: unknown }
  return {
    id: typeof number === 'number' ? `${number}` : '',
    body: typeof body === 'string' ? body : '',
    open: state === 'open',
  }
}
