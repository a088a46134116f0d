import { describe, expect, it } from 'vitest'
import {
  createLogger,
  hashText,
  type Logger,
  logAiInference,
  logSecurityEvent,
  logSqlQuery,
  logUserAction,
} from './index.ts'

const query = "select * from users where name = 'HUSH'"

const cases: [string, (logger: Logger) => void, object][] = [
  [
    'a query',
    (logger) => logSqlQuery(logger, { query, durationMs: 12.5, queryType: 'select', rows: 3 }),
    {
      level: 'INFO',
      event: 'sql_query',
      query_type: 'select',
      status: 'success',
      query_hash: hashText(query),
      query_length: 39,
      rows: 3,
      duration_ms: 12.5,
    },
  ],
  [
    'a query that failed',
    (logger) => logSqlQuery(logger, { query, durationMs: 1, status: 'timeout' }),
    { level: 'WARN', status: 'timeout' },
  ],
  [
    'an inference',
    (logger) =>
      logAiInference(logger, {
        model: 'm1',
        provider: 'p',
        prompt: 'HUSH',
        durationMs: 900,
        promptTokens: 5,
        completionTokens: 7,
      }),
    {
      level: 'INFO',
      event: 'ai_inference',
      model: 'm1',
      prompt_length: 4,
      prompt_tokens: 5,
      completion_tokens: 7,
      duration_ms: 900,
    },
  ],
  [
    'an action',
    (logger) =>
      logUserAction(logger, { action: 'query_saved', userId: 'HUSH', resource: 'query', fields: { source: 'web' } }),
    {
      event: 'user_action',
      action: 'query_saved',
      user_hash: hashText('HUSH'),
      resource: 'query',
      result: 'success',
      source: 'web',
    },
  ],
  ...(['low', 'medium', 'high', 'critical'] as const).map((severity, i): [string, (logger: Logger) => void, object] => [
    `a security event that is ${severity}`,
    (logger) => logSecurityEvent(logger, { type: 'login_failed', severity, userId: 'HUSH' }),
    {
      level: ['INFO', 'WARN', 'ERROR', 'ERROR'][i],
      event: 'security_event',
      type: 'login_failed',
      severity,
      user_hash: hashText('HUSH'),
    },
  ]),
]

describe('events', () => {
  it.each(cases)('logs %s, and no text of anybody', (_, log, expected) => {
    const lines: string[] = []
    log(createLogger({ destination: (line) => lines.push(line) }))
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject(expected)
    expect(lines[0]).not.toContain('HUSH')
  })

  it('hashes to the first 8 bytes of SHA-256', () => {
    expect(hashText('abc')).toBe('ba7816bf8f01cfea')
    expect(hashText('')).toBe('e3b0c44298fc1c14')
  })

  it('keeps the line of an event that is not what its type says', () => {
    const lines: string[] = []
    // @ts-expect-error callers in JavaScript may give anything
    logSqlQuery(createLogger({ destination: (line) => lines.push(line) }), { query: undefined })
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ message: 'sql query' })
  })
})
