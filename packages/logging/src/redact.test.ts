import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLogger, createRedactor, type RedactOptions, redact } from './index.ts'

/** The line that a logger writes of these fields, parsed. */
function lineOf(message: string, fields: Record<string, unknown> = {}, options: RedactOptions = {}) {
  const lines: string[] = []
  createLogger({ redact: options, destination: (line) => lines.push(line), now: () => 0 }).info(message, fields)
  expect(lines).toHaveLength(1)
  return JSON.parse(lines[0] ?? '')
}

const m = '***REDACTED***'

/** What is masked in a text, and what of it stays. */
const masked = [
  ['a token', 'got tmtk_abc-DEF_123.', `got tmtk_${m}.`],
  ['a key secret and a hash', 'tmas_x,tmth_y', `tmas_${m},tmth_${m}`],
  ['a bearer credential', 'Bearer eyJhbGci.eyJz_-.x==, next', `Bearer ${m}, next`],
  ['a key of the API', 'bearer tmak-1:abc', `bearer ${m}`],
  ['a basic credential', 'basic dTpw, Basic dXNlcjpwYXNz', `basic dTpw, Basic ${m}`],
  ['a password in an address', 'to postgres://u:p%40ss@h:5432/db?x=1', 'to postgres://u:***REDACTED***@h:5432/db?x=1'],
  ['a password without a user', 'redis://:hush@h', 'redis://:***REDACTED***@h'],
  ['a password with @ and /', 'mysql://u:p@s/s@h/db', 'mysql://u:***REDACTED***@h/db'],
  ['a password with a quote and a line feed', 'amqp://u:p"\n\\w@h', 'amqp://u:***REDACTED***@h'],
  ['a password in an address of the web', 'https://u:p"w@h/a/@b', 'https://u:***REDACTED***@h/a/@b'],
  ['a password of a list', 'host=h password=hush user=u', `host=h password=${m} user=u`],
  ['a token in a query', '/a?access_token=hush&b=1', `/a?access_token=${m}&b=1`],
  ['a PEM', 'a -----BEGIN PRIVATE KEY-----\nhu"sh\\\n-----END PRIVATE KEY----- b', `a ${m} b`],
  ['a PEM that is cut', 'a -----BEGIN EC PRIVATE KEY-----\nhush', `a ${m}`],
  ['JSON in a text', '{"password":"hu\\\\sh","a":1}', `{"password":"${m}","a":1}`],
  ['JSON in JSON', '{\\"password\\":\\"hush\\"}', `{\\"password\\":\\"${m}\\"}`],
  ['a password with an apostrophe', '{"password":"it\'s hush"}', `{"password":"${m}"}`],
  ['a password with a quote', '{"password":"a\\"hush","b":1}', `{"password":"${m}","b":1}`],
  [
    'a password with a quote, in JSON in JSON',
    '{\\"password\\":\\"a\\\\\\"hush\\",\\"b\\":1}',
    `{\\"password\\":\\"${m}\\",\\"b\\":1}`,
  ],
  ['a password that is a number', '{"password":4711,"b":1}', `{"password":${m},"b":1}`],
  [
    'an object as util.inspect shows it',
    "{ password: 'it\\'s hush', apiToken: 'hush', b: 1 }",
    `{ password: '${m}', apiToken: '${m}', b: 1 }`,
  ],
  ['a quoted password of a list', "host=h password='a hush' user=u", `host=h password='${m}' user=u`],
  ['a password with spaces around', 'host=h password = hush user=u', `host=h password = ${m} user=u`],
  ['a password of SQL', "alter user x password 'it''s hush' valid", `alter user x password '${m}' valid`],
  ['a password of YAML', 'password: hush\nuser: u', `password: ${m}\nuser: u`],
  ['a password with a comma and an apostrophe', "password=a,it's&b=1", `password=${m}&b=1`],
  ['a token that is a parameter', '/reset?token=hush&b=1', `/reset?token=${m}&b=1`],
  ['a variable of the environment', 'AWS_SECRET_ACCESS_KEY=hush b', `AWS_SECRET_ACCESS_KEY=${m} b`],
  ['a key of JSON', '{"secretKey":"hush"}', `{"secretKey":"${m}"}`],
  ['a header with quotes', 'authorization: Digest username="u", response="hush"\nx: 1', `authorization: ${m}\nx: 1`],
  ['a header', 'authorization: Digest hush\nx: 1', `authorization: ${m}\nx: 1`],
] as const

/** What looks a little like a secret and is none. */
const plain = [
  'basic checks and a bearer token',
  'http://localhost:3000/users/@hono/x.js:10:5',
  'the password was wrong',
  'Bearer realm="x"',
  'tmtk_',
  'tmak-123 tmss-01J',
  'Unexpected token: }',
  'invalid token',
  '{"tokens":12,"token":true}',
  'mail to a@example.com at 10:30',
]

describe('redact', () => {
  it.each(masked)('masks %s', (_, text, expected) => {
    expect(redact(text)).toBe(expected)
    expect(redact(expected)).toBe(expected)
  })

  it.each(plain)('leaves %s alone', (text) => expect(redact(text)).toBe(text))

  it.each([
    '://a:',
    'bearer ',
    '-----BEGIN',
    'password=',
    'a:'.repeat(5),
    '":"',
    'cookie:',
    'cookie: ',
    'password:',
    'password="',
    "password='",
    'token\\":\\"',
    '\\',
  ])('takes no long time for many of %j', (piece) => {
    const from = performance.now()
    redact(piece.repeat(20_000))
    expect(performance.now() - from).toBeLessThan(1000)
  })
})

describe('a line', () => {
  it.each(masked)('masks %s in message, value, list, key and error', (_, text, expected) => {
    const error = new TypeError(text, { cause: text })
    const line = lineOf(text, { a: text, b: [{ c: text }], d: { [text]: 1 }, error })
    expect(line).toMatchObject({ message: expected, a: expected, b: [{ c: expected }], error: { message: expected } })
    expect(Object.keys(line.d)).toEqual([expected])
    expect(line.error.cause.message).toBe(expected)
  })

  it('masks fields by name, at any depth, whatever they hold, but not what only says yes or no', () => {
    const pairs = [
      ['cookie', 'x'],
      ['a', 'b'],
    ]
    const rawHeaders = ['Cookie', 'y', 'accept', 'a']
    expect(lineOf('m', { pairs, rawHeaders, list: ['id', 'password'] })).toMatchObject({
      pairs: [
        ['cookie', m],
        ['a', 'b'],
      ],
      rawHeaders: ['Cookie', m, 'accept', 'a'],
      list: ['id', 'password'],
    })
    expect(lineOf('m', { pass_word: 'x', 'pass-phrase': 'x', github_token: 'x', auth: { pass: 'x' } })).toMatchObject({
      pass_word: m,
      'pass-phrase': m,
      github_token: m,
      auth: { pass: m },
    })
    const headers = { Authorization: 'x', 'set-cookie': ['y'], 'X-API-Key': 'z', accept: 'a' }
    expect(
      lineOf('m', { dbPassword: 1234, client_secret: { a: 'b' }, headers, password: true, secret: null }),
    ).toMatchObject({
      dbPassword: m,
      client_secret: m,
      headers: { Authorization: m, 'set-cookie': m, 'X-API-Key': m, accept: 'a' },
      password: true,
      secret: null,
    })
  })

  it('leaves names alone that only remind of secrets', () => {
    const fields = { api_key_id: 'tmak-1', prompt_tokens: 12, tokens: 3, key: 'k', session_id: 's' }
    expect(lineOf('m', fields)).toMatchObject(fields)
  })

  it('keeps both values of keys that are alike when masked', () => {
    expect(lineOf('m', { d: { tmtk_a: 1, tmtk_b: 2 } }).d).toEqual({ [`tmtk_${m}`]: 1, [`tmtk_${m}_`]: 2 })
  })

  it('takes patterns of your own, with and without a hint, anchored and not', () => {
    const patterns = [/^sk-\w+$/, { pattern: /iban (\w\w)\d+/i, replacement: 'iban $1…', hint: 'IBAN' }]
    const line = lineOf('IBAN DE123', { a: 'sk-1', b: 'no sk-1' }, { patterns })
    expect(line).toMatchObject({ message: 'iban DE…', a: m, b: 'no sk-1' })
    expect(lineOf('IBAN DE123', {}, { patterns: patterns.slice(1) }).message).toBe('iban DE…')
  })

  it('takes names of your own, however they are written, and none', () => {
    expect(lineOf('m', { user: { tax_Id: 7, taxid: '8' } }, { names: ['tax-id'] }).user).toEqual({
      tax_Id: m,
      taxid: m,
    })
    expect(lineOf('m', { password: 'x' }, { names: false }).password).toBe('x')
  })

  it('rejects patterns that are none', () => {
    // @ts-expect-error a text is no pattern
    expect(() => createRedactor({ patterns: ['x'] })).toThrow(/redact\.patterns/)
    expect(() => createRedactor({ patterns: [{ pattern: /x/, hint: '' }] })).toThrow(/hint/)
  })

  it('holds no secret, wherever one stands in whatever it stands in, and is JSON', () => {
    const core = 'HUSH4711'
    const odd = fc.string({ unit: fc.constantFrom('"', '\\', '\n', '\u0001', 'é', '😀', 'x', "'", '%', '{', ':') })
    const secret = fc.oneof(
      fc.constantFrom('tmtk_', 'tmas_', 'tmth_').map((prefix) => `${prefix}${core}`),
      fc.tuple(odd, odd).map(([a, b]) => `postgres://u:${a}${core}${b}@host/db`),
      fc.constantFrom('Bearer ', 'bearer\n', 'BEARER  ').map((scheme) => `${scheme}${core}`),
      odd.map((text) => `-----BEGIN PRIVATE KEY-----\n${text}${core}\n-----END PRIVATE KEY-----`),
    )
    const planted = fc.tuple(fc.string(), secret, fc.string()).map(([a, text, b]) => `${a} ${text} ${b}`)
    const value = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        planted,
        planted.map((text) => new Error(text)).map((error) => error.message),
        fc.jsonValue(),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(fc.oneof(fc.string(), planted), tie('node'), { maxKeys: 3 }),
        planted.map((text) => ({ nested: JSON.stringify({ text }) })),
        planted.map((text) => ({ toJSON: () => text })),
      ),
    })).node
    const seen = { planted: 0 }
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), planted),
        fc.dictionary(fc.string(), value, { maxKeys: 4 }),
        (message, fields) => {
          const line = JSON.stringify(lineOf(message, fields))
          if (JSON.stringify([message, fields]).includes(core)) seen.planted++
          expect(line).not.toContain(core)
        },
      ),
      { numRuns: 500 },
    )
    expect(seen.planted).toBeGreaterThan(100)
  })
})
