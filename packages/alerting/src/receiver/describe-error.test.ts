import { expect, it } from 'vitest'
import { describeError } from './describe-error.ts'

it('describeError() keeps no path, query or password of an address, and can show anything', () => {
  const secret = new Error('POST https://user:pass@hooks.example.com:8443/services/T0/B0/s3cr3t?token=x failed (502)')
  expect(describeError(secret)).toBe('Error: POST https://hooks.example.com:8443/… failed (502)')
  expect(describeError(new TypeError('smtp://mail.example.com'))).toBe('TypeError: smtp://mail.example.com/…')
  expect(describeError('pg://u:p@ss:w0rd@db.example.com:5432/x')).toBe('pg://db.example.com:5432/…')
  expect(describeError('Invalid URL: pg://u:se/cret@db.example.com/x')).toBe('Invalid URL: pg://…')
  expect(describeError('http://[::1]:80/x')).toBe('http://[::1]:80/…')
  expect(describeError(`${' '.repeat(3_990)}pg://user:secret@db.example.com`)).not.toContain('user')
  expect(describeError(undefined)).toBe('undefined')
  expect(describeError(Object.create(null))).toBe('an error that can not be shown')
  expect(describeError('\0\ud800')).toBe('\uFFFD\uFFFD')
  expect(describeError('x'.repeat(1_000))).toHaveLength(300)
})

it('describeError() takes no time for a text of megabytes', () => {
  const startedAt = performance.now()
  describeError(new Error('a.'.repeat(500_000)))
  expect(performance.now() - startedAt).toBeLessThan(1_000)
})
