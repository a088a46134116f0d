import { describe, expect, it } from 'vitest'
import { formatDuration, formatSize } from './format.ts'
import {
  isIpOrCidr,
  parseBoolean,
  parseDuration,
  parseHostPort,
  parseInteger,
  parseNumber,
  parseSize,
  parseUrl,
} from './parse.ts'

describe('values', () => {
  it.each([
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['250us', 0.25],
    ['0s', 0],
    ['-1s', -1000],
    ['5', undefined],
    ['5 s', undefined],
    ['', undefined],
    ['1d', undefined],
  ])('reads the duration %s', (text, ms) => expect(parseDuration(text)).toBe(ms))

  it('reads sizes, numbers and booleans', () => {
    expect([parseSize('1mb'), parseSize('2 GB'), parseSize('10'), parseSize('1TB')]).toEqual([
      1_048_576,
      2_147_483_648,
      undefined,
      undefined,
    ])
    expect([parseInteger('-7'), parseInteger('7.0'), parseInteger('0x7')]).toEqual([-7, undefined, undefined])
    expect([parseNumber('.5'), parseNumber('1e-2'), parseNumber('half'), parseNumber('')]).toEqual([
      0.5,
      0.01,
      undefined,
      undefined,
    ])
    expect([parseBoolean('TRUE'), parseBoolean('0'), parseBoolean('yes')]).toEqual([true, false, undefined])
  })

  it('reads addresses', () => {
    expect(parseHostPort('[::1]:5080')).toEqual({ host: '::1', port: 5080 })
    expect(parseHostPort(':5080')).toEqual({ host: '0.0.0.0', port: 5080 })
    for (const bad of ['5080', 'host', '::1:5080', 'host:', 'http://host:1']) expect(parseHostPort(bad)).toBeUndefined()
    for (const good of ['10.0.0.1', '10.0.0.0/8', '::1', '2001:db8::/32']) expect(isIpOrCidr(good)).toBe(true)
    for (const bad of ['10.0.0', '10.0.0.0/33', '::/129', 'fe80::1%eth0', '10.0.0.0/8/8', '/8', 'x'])
      expect(isIpOrCidr(bad)).toBe(false)
    expect(parseUrl('http://collector:4318/v1')).toBe('http://collector:4318/v1')
    for (const bad of ['collector:4318', 'ftp://x', 'http://', 'http:///x']) expect(parseUrl(bad)).toBeUndefined()
  })

  it('writes durations and sizes that it reads as the same', () => {
    expect(
      ['1h30m', '100ms', '0s', '720h', '5m', '1s500ms'].map((text) => formatDuration(parseDuration(text) ?? 0)),
    ).toEqual(['1h30m', '100ms', '0s', '720h', '5m', '1s500ms'])
    for (const ms of [0.25, 1500.5, 86_400_000, -1000]) expect(parseDuration(formatDuration(ms))).toBe(ms)
    expect([1024, 1536, 1024 ** 2, 1024 ** 3, 0].map(formatSize)).toEqual(['1KB', '1536B', '1MB', '1GB', '0B'])
  })
})
