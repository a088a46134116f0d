import { describe, expect, it } from 'vitest'
import { parseAllowList } from './index.ts'

describe('parseAllowList', () => {
  it.each([
    ['192.168.1.0/24', '192.168.1.5', true],
    ['192.168.1.0/24', '192.168.2.5', false],
    ['192.168.1.77/24', '192.168.1.5', true],
    ['10.0.0.1', '10.0.0.1', true],
    ['10.0.0.1', '10.0.0.2', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '203.0.113.9', false],
    ['::/0', '2001:db8::1', true],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:db8::1/33', '2001:db8:7fff::', true],
    ['2001:DB8:0:0::1', '2001:db8::1', true],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['10.0.0.0/8', '::FFFF:0a01:0203', true],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '11.1.2.3', false],
    ['::ffff:10.0.0.1', '10.0.0.1', true],
    // ::1.2.3.4 is an IPv6 address of its own, not the IPv4 one.
    ['1.2.3.4', '::1.2.3.4', false],
    ['::1.2.3.4', '::102:304', true],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['10.0.0.0/31', '10.0.0.2', false],
  ])('%s and %s: %s', (entry, address, expected) => {
    expect(parseAllowList([entry]).allows(address)).toBe(expected)
  })

  it.each([
    '',
    'localhost',
    '10.0.0',
    '10.1',
    '010.0.0.1',
    '0x0a.0.0.1',
    '167772161',
    '10.0.0.256',
    '10.0.0.1 ',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/',
    '10.0.0.0/255.0.0.0',
    '10.0.0.0/8/8',
    '2001:db8::/129',
    '::ffff:10.0.0.0/129',
    '::ffff:0x7f.1',
    '::ffff:010.0.0.1',
    '1::2::3',
    '[::1]',
    'fe80::1%eth0',
    '10.0.0.1:80',
    '*',
  ])('refuses %j and names it', (entry) => {
    expect(() => parseAllowList(['10.0.0.1', entry])).toThrow(`allow list: ${JSON.stringify(entry)}`)
  })

  it('restricts nothing when it is empty, and lets no unknown address pass when it is not', () => {
    expect(parseAllowList([]).allows('')).toBe(true)
    expect(parseAllowList([]).allows('10.0.0.1')).toBe(true)
    expect(parseAllowList(['::/0', '0.0.0.0/0']).allows('')).toBe(false)
    expect(parseAllowList(['::/0', '0.0.0.0/0']).allows('unknown')).toBe(false)
  })

  it('is passed by an address that any entry holds', () => {
    const list = parseAllowList(['10.0.0.0/8', '2001:db8::/32', '192.168.1.5'])
    expect(list.size).toBe(3)
    expect(['192.168.1.5', '10.9.9.9', '2001:db8::9'].every(list.allows)).toBe(true)
    expect(list.allows('192.168.1.6')).toBe(false)
  })
})
