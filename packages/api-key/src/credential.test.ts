import { describe, expect, it } from 'vitest'
import { createApiKeys, memoryKeyStore, parseCredential } from './index.ts'

const id = `tmak-01${'0'.repeat(24)}`
const secret = `tmas_${'aZ9'.repeat(15)}`.slice(0, 48)

describe('parseCredential', () => {
  it('splits at the first colon, lower-cases the id and leaves the secret alone', () => {
    expect(parseCredential(`${id.toUpperCase()}:${secret}`)).toEqual({ id, secret })
  })

  it.each([
    ['nothing', ''],
    ['no colon', `${id}${secret}`],
    ['no secret', `${id}:`],
    ['no id', `:${secret}`],
    ['an id that is too short', `${id.slice(0, -1)}:${secret}`],
    ['an id that is too long', `${id}0:${secret}`],
    ['an id beyond 128 bits', `tmak-8${'0'.repeat(25)}:${secret}`],
    ['a letter that Crockford leaves out', `${id.slice(0, -1)}u:${secret}`],
    ['another prefix', `tmss-${id.slice(5)}:${secret}`],
    ['a secret prefix in upper case', `${id}:${secret.toUpperCase()}`],
    ['39 characters of secret', `${id}:tmas_${'a'.repeat(39)}`],
    ['49 characters of secret', `${id}:tmas_${'a'.repeat(49)}`],
    ['a secret with a colon', `${id}:${secret.slice(0, -1)}:`],
    ['a secret with a line feed after it', `${id}:${secret}\n`],
    ['a space before it', ` ${id}:${secret}`],
  ])('refuses %s', (_, text) => {
    expect(parseCredential(text)).toBeUndefined()
  })

  it('accepts secrets of 40 to 48 characters', () => {
    for (const length of [40, 43, 48]) expect(parseCredential(`${id}:tmas_${'a'.repeat(length)}`)).toBeDefined()
  })

  it('takes other prefixes, none too, and no pattern hidden in them', () => {
    const body = id.slice(5)
    const format = { idPrefix: 'shop.', secretPrefix: '' }
    expect(parseCredential(`shop.${body}:${'a'.repeat(43)}`, format)).toEqual({
      id: `shop.${body}`,
      secret: 'a'.repeat(43),
    })
    expect(parseCredential(`shopx${body}:${'a'.repeat(43)}`, format)).toBeUndefined()
    expect(() => parseCredential('', { idPrefix: 'Shop:' })).toThrow('format.idPrefix')
    expect(() => parseCredential('', { secretPrefix: ':' })).toThrow('format.secretPrefix')
  })
})

describe('generated credentials', () => {
  const generate = (fill?: number): string => {
    const random = fill === undefined ? {} : { random: (bytes: Uint8Array<ArrayBuffer>) => bytes.fill(fill) }
    return createApiKeys({ store: memoryKeyStore(), roles: ['r'], ...random }).newCredential()
  }

  it('A02, A04: are tmak- and 26 Crockford characters, tmas_ and 43 Base62 characters', () => {
    const credentials = Array.from({ length: 200 }, () => generate())
    for (const text of credentials) {
      expect(text).toMatch(/^tmak-[0-7][0-9a-hjkmnp-tv-z]{25}:tmas_[0-9A-Za-z]{43}$/)
      expect(parseCredential(text)).toBeDefined()
    }
    expect(new Set(credentials).size).toBe(200)
  })

  it('pad the Base62 number to 43 digits on the left', () => {
    expect(generate(0).split(':')[1]).toBe(`tmas_${'0'.repeat(43)}`)
    // 2^256 - 1 in Base62, digits 0-9A-Za-z.
    let expected = ''
    for (let rest = 2n ** 256n - 1n; rest > 0n; rest /= 62n) {
      const digit = Number(rest % 62n)
      expected = String.fromCharCode(digit < 10 ? 48 + digit : digit < 36 ? 55 + digit : 61 + digit) + expected
    }
    expect(expected).toHaveLength(43)
    expect(generate(255).split(':')[1]).toBe(`tmas_${expected}`)
  })
})
