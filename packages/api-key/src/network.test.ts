import { expect, it } from 'vitest'
import { parseNetwork } from './index.ts'

it.each([
  ['10.0.0.1', '10.0.0.1'],
  ['10.0.0.1/32', '10.0.0.1'],
  ['10.1.2.3/8', '10.0.0.0/8'],
  ['192.168.1.77/31', '192.168.1.76/31'],
  ['203.0.113.9/0', '0.0.0.0/0'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['::FFFF:0a01:0203/128', '10.1.2.3'],
  ['::ffff:10.1.2.3/104', '10.0.0.0/8'],
  ['::ffff:10.1.2.3/96', '0.0.0.0/0'],
  // A shorter prefix covers more than the mapped addresses, so it is a network of IPv6.
  ['::ffff:10.1.2.3/95', '::fffe:0:0/95'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['2001:db8::1/128', '2001:db8::1'],
  ['2001:db8:ffff::1/33', '2001:db8:8000::/33'],
  ['::1/0', '::/0'],
  ['::1.2.3.4', '::102:304'],
])('parseNetwork: %s is %s', (text, canonical) => {
  expect(parseNetwork(text)).toBe(canonical)
  expect(parseNetwork(canonical)).toBe(canonical)
})

it.each([
  '',
  '10.0.0',
  '010.0.0.1',
  '10.0.0.0/33',
  '10.0.0.0/08',
  '10.0.0.0/',
  '/8',
  '::/129',
  'fe80::1%eth0',
  '10.0.0.1:80',
  '[::1]',
  'x',
  ' 10.0.0.1',
  '10.0.0.0/8/8',
])('parseNetwork: %j is none', (text) => {
  expect(parseNetwork(text)).toBeUndefined()
})
