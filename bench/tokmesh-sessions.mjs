/**
 * The sessions that the load is about. Their ids and tokens are made of numbers, so that a load tool can name each
 * without a list: `{n}` stands for a number of 16 digits.
 *
 * @module
 */
import postgres from 'postgres'

/** Sessions that are validated again and again. */
export const hotCount = 500
const hotFirst = 1e15

/** The first of those that are named once in a slice. */
export const missFirst = 2e15

const idOf = (/** @type {number | '{n}'} */ n) => `tmss-0000000000${n}`
const tokenOf = (/** @type {number | '{n}'} */ n) => `tmtk_${n}${'A'.repeat(27)}`

export { idOf as missId, tokenOf as missToken }

/** The tokens of the hot ones. */
export const hotTokens = Array.from({ length: hotCount }, (_, i) => tokenOf(hotFirst + i))

/**
 * Inserts the hot ones and `count` others, each of a user of its own, past all rules but the table's.
 *
 * @param {string} url
 * @param {number} count
 */
export async function insertSessions(url, count) {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} })
  const ranges = [
    [hotFirst, hotCount],
    [missFirst, count],
  ]
  try {
    for (const [first = 0, many = 0] of ranges)
      await sql.unsafe(
        `insert into sessions
         select 'tmss-0000000000' || n, 'user-' || md5(n::text),
           'tmth_' || encode(sha256(convert_to('tmtk_' || n || repeat('A', 27), 'UTF8')), 'hex'),
           ip, agent, ip, agent, md5(n::text), 'tmak-01hzzzzzzzzzzzzzzzzzzzzzza', now, now + 7200000, now,
           '{"role":"user"}', 1, n % 1024, 7200, false, 0
         from (
           select $1::bigint + i as n, (extract(epoch from clock_timestamp()) * 1000)::bigint as now,
             '10.' || i / 65536 % 256 || '.' || i / 256 % 256 || '.' || i % 256 as ip,
             'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36' as agent
           from generate_series(0, $2::bigint - 1) i
         ) as made`,
        [first, many],
      )
    await sql.unsafe('vacuum analyze sessions')
  } finally {
    await sql.end()
  }
}

/**
 * Makes those active again that were revoked.
 *
 * @param {string} url
 */
export async function restoreSessions(url) {
  // Those are still on their way that the load tool no longer waited for.
  await new Promise((resolve) => setTimeout(resolve, 500))
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} })
  await sql.unsafe('update sessions set is_deleted = false, revoked_at = 0 where is_deleted')
  await sql.end()
}
