import { expect, it } from 'vitest'
import { describeError } from './describe-error.ts'

it('describeError() keeps no path, query or password of an address, and can show anything', () => {
  const secret = new Error('POST https://user:pass@hooks.example.com:8443/services/T0/B0/s3cr3t?token=x failed (502)')
  expect(describeError(secret)).toBe('Error: POST https://hooks.example.com:8443/… failed (502)')
  expect(describeError(new TypeError('smtp://mail.example.com'))).toBe('TypeError: smtp://mail.example.com/…')
  expect(describeError(undefined)).toBe('undefined')
  expect(describeError(Object.create(null))).toBe('an error that can not be shown')
  expect(describeError('\0\ud800')).toBe('\uFFFD\uFFFD')
  expect(describeError('x'.repeat(1_000))).toHaveLength(300)
})
