import { describe, expect, it } from 'vitest'
import { payload, wireAlert } from '../testing/payload.ts'
import { parseDelivery } from './parse-delivery.ts'

const changed = (change: object): unknown => ({ ...payload([wireAlert('a')]), ...change })
const withAlert = (change: object): unknown => changed({ alerts: [{ ...wireAlert('a'), ...change }] })
const secret = 's3cr3t-value'

describe('parseDelivery()', () => {
  it("reads Alertmanager's delivery", () => {
    const [firing, resolved] = [wireAlert('a'), wireAlert('b', 'resolved')]
    const delivery = parseDelivery(changed({ truncatedAlerts: 3, alerts: [firing, resolved] }), 10)
    expect(delivery).toMatchObject({ groupKey: '{}:{alertname="DiskFull"}', receiver: 'honoscope', truncatedAlerts: 3 })
    expect(delivery.alerts[0]).toMatchObject({ startsAt: Date.UTC(2026, 0, 1), endsAt: undefined, fingerprint: 'a' })
    expect(delivery.alerts[1]).toMatchObject({ status: 'resolved', endsAt: Date.UTC(2026, 0, 1, 0, 1) })
  })

  it('reads the times that Go writes', () => {
    const read = (startsAt: string) => parseDelivery(withAlert({ startsAt }), 1).alerts[0]?.startsAt
    expect(read('2026-01-01T01:02:03.123456789+02:00')).toBe(Date.UTC(2025, 11, 31, 23, 2, 3, 123))
    expect(read('2026-01-01T01:02:03.5Z')).toBe(Date.UTC(2026, 0, 1, 1, 2, 3, 500))
    // When Alertmanager would take it for ended: it still fires.
    expect(parseDelivery(withAlert({ endsAt: '2030-01-01T00:00:00Z' }), 1).alerts[0]?.endsAt).toBeUndefined()
  })

  it('cuts long values, replaces what no database keeps, and takes null for none', () => {
    const labels = { alertname: 'x'.repeat(5_000), odd: 'a\0b\ud800' }
    const [alert] = parseDelivery(withAlert({ labels, annotations: null }), 1).alerts
    expect(alert?.labels.alertname).toHaveLength(2_048)
    expect(alert?.labels.odd).toBe('a\uFFFDb\uFFFD')
    expect(alert?.annotations).toEqual({})
  })

  const wrong: readonly [name: string, document: unknown, sentence: string][] = [
    ['a list', [], 'The body must be an object.'],
    ['another version', changed({ version: secret }), 'version must be "4".'],
    ['no status', changed({ status: secret }), 'status must be "firing" or "resolved".'],
    ['no group', changed({ groupKey: 7 }), 'groupKey must be a string.'],
    ['labels of the group', changed({ groupLabels: secret }), 'groupLabels must be an object.'],
    ['common labels', changed({ commonLabels: { a: 1 } }), 'commonLabels must have strings as values.'],
    ['no receiver', changed({ receiver: undefined }), 'receiver must be a string.'],
    ['no alerts', changed({ alerts: { a: secret } }), 'alerts must be a list.'],
    ['too many', changed({ alerts: Array(4).fill(wireAlert('a')) }), 'alerts must be at most 3.'],
    ['a negative count', changed({ truncatedAlerts: -1 }), 'truncatedAlerts must be a whole number.'],
    ['an alert that is none', changed({ alerts: [null] }), 'alerts[0] must be an object.'],
    ['its status', withAlert({ status: secret }), 'alerts[0].status must be "firing" or "resolved".'],
    ['its labels', withAlert({ labels: undefined }), 'alerts[0].labels must be an object.'],
    ['a label', withAlert({ labels: { [secret]: {} } }), 'alerts[0].labels must have strings as values.'],
    [
      'many labels',
      withAlert({ labels: Object.fromEntries(Array.from({ length: 129 }, (_, n) => [`l${n}`, ''])) }),
      'alerts[0].labels must have at most 128 entries.',
    ],
    ['its start', withAlert({ startsAt: secret }), 'alerts[0].startsAt must be a time of RFC 3339.'],
    ['no start', withAlert({ startsAt: '0001-01-01T00:00:00Z' }), 'alerts[0].startsAt must be the time of its start.'],
    ['no end', withAlert({ status: 'resolved' }), 'alerts[0].endsAt must be the time of its end.'],
    [
      'its fingerprint',
      withAlert({ fingerprint: 'a b' }),
      'alerts[0].fingerprint must be up to 64 letters and digits.',
    ],
  ]
  for (const [name, document, sentence] of wrong) {
    it(`refuses ${name} with a sentence that names the field and shows no value`, () => {
      expect(() => parseDelivery(document, 3)).toThrow(sentence)
      expect(sentence).not.toContain(secret)
    })
  }
})
