import { type Answer, type HttpRecorder, httpRecorder, type Recorded } from './http-recorder.ts'

/** An issue, or a comment. */
export interface FakeIssue {
  readonly number: number
  readonly title: string
  readonly body: string
  readonly labels: { readonly name: string }[]
  readonly comments: { readonly body: string }[]
  state: 'open' | 'closed'
}

/** GitHub's REST API for the issues of one repository, as far as it is documented and used. */
export interface FakeGithub extends HttpRecorder {
  readonly issues: FakeIssue[]
}

/** Resolves to a repository `example/operations`, written to with `token`. */
export async function fakeGithub(token: string): Promise<FakeGithub> {
  const issues: FakeIssue[] = []
  const answer = (request: Recorded): Answer => {
    if (request.headers.authorization !== `Bearer ${token}`) return json(401, { message: 'Bad credentials' })
    const url = new URL(request.path, 'http://localhost')
    const [, number, rest] = /^\/repos\/example\/operations\/issues(?:\/(\d+))?(\/comments)?$/.exec(url.pathname) ?? []
    const issue = issues.find((it) => `${it.number}` === number)
    if (number !== undefined && issue === undefined) return json(404, { message: 'Not Found' })
    const given = request.body === '' ? {} : JSON.parse(request.body)
    if (issue === undefined) return request.method === 'POST' ? open(issues, given) : json(200, list(issues, url))
    if (rest === undefined) return close(issue, given)
    if (request.method === 'GET') return json(200, issue.comments)
    issue.comments.push({ body: given.body })
    return json(201, {})
  }
  return Object.assign(await httpRecorder(answer), { issues })
}

function open(issues: FakeIssue[], given: { title: string; body: string; labels: string[] }): Answer {
  if (given.title === '' || given.title.length > 256 || given.body.length > 65_536) return json(422, {})
  const labels = given.labels.map((name) => ({ name }))
  const { title, body } = given
  const issue: FakeIssue = { number: issues.length + 1, title, body, labels, comments: [], state: 'open' }
  issues.push(issue)
  return json(201, issue)
}

function close(issue: FakeIssue, given: { state: 'closed' }): Answer {
  issue.state = given.state
  return json(200, issue)
}

/** The newest first, a page at a time. */
function list(issues: readonly FakeIssue[], url: URL): FakeIssue[] {
  const size = Number(url.searchParams.get('per_page') ?? 30)
  const page = Number(url.searchParams.get('page') ?? 1)
  const label = url.searchParams.get('labels')
  const labelled = issues.filter((it) => label === null || it.labels.some(({ name }) => name === label))
  return labelled.reverse().slice((page - 1) * size, page * size)
}

function json(status: number, body: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}
