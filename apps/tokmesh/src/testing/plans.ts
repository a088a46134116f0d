/** What the database reads for a search: the plan of its statement, carried out. */
import postgres from 'postgres'
import type { SessionSearch } from '../domain/search.ts'
import type { Database } from '../store/database.ts'
import { searchStatement } from '../store/search.ts'
import { fillTime } from './many-sessions.ts'

/** Pages of 8 KiB that were looked at, wherever they were. */
export interface Reads {
  /** For the sessions of the page. */
  readonly page: number
  /** For the number of all matches, and for what the sweep has not come to. */
  readonly total: number
  /** Milliseconds, all of it. */
  readonly ms: number
  /** The plan's text, for a failure's message. */
  readonly plan: string
}

interface Node {
  readonly 'Node Type': string
  readonly 'Subplan Name'?: string
  readonly 'Shared Hit Blocks': number
  readonly 'Shared Read Blocks': number
  readonly Plans?: readonly Node[]
}

interface Row {
  readonly 'QUERY PLAN': readonly { readonly Plan: Node; readonly 'Execution Time': number }[]
}

/** Returns a function that carries a search out on the server at `url` and tells what that read; and how to end it. */
export function openPlans(url: string, database: Database, now: number = fillTime) {
  const client = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} })
  const read = async (query: SessionSearch): Promise<Reads> => {
    const { sql, params } = searchStatement(database.db, query, now).toSQL()
    const explain = `explain (analyze, buffers, timing off, costs off, format json) ${sql}`
    const [row] = await client.unsafe<Row[]>(explain, params as (string | number)[])
    const result = row?.['QUERY PLAN'][0]
    if (!result) throw new Error('there is no plan')
    const { Plan: plan, 'Execution Time': ms } = result
    const page = pageBlocks(plan)
    return { page, total: blocks(plan) - page, ms, plan: JSON.stringify(plan, undefined, 1) }
  }
  return { read, end: () => client.end(), unsafe: (text: string) => client.unsafe(text) }
}

const blocks = (node: Node) => node['Shared Hit Blocks'] + node['Shared Read Blocks']

/** What the scans looked at, but for those of the count and of what the sweep has not come to. */
function pageBlocks(node: Node): number {
  const type = node['Node Type']
  if (type === 'Aggregate' || node['Subplan Name']?.startsWith('CTE ')) return 0
  if (type.endsWith('Scan') && type !== 'CTE Scan' && type !== 'Subquery Scan') return blocks(node)
  return (node.Plans ?? []).reduce((sum, each) => sum + pageBlocks(each), 0)
}
