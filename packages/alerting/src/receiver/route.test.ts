import { describe, expect, it } from 'vitest'
import { createRouter, type Route } from './route.ts'

const names = ['pager', 'chat', 'mail']
const rest: Route = { notifiers: ['mail'] }
const ask = (routes: readonly Route[], labels: Record<string, string>, status: 'firing' | 'resolved' = 'firing') =>
  createRouter(routes, names)({ labels, status })

describe('createRouter()', () => {
  it('takes the first route that matches, and goes on where it says so', () => {
    const routes: readonly Route[] = [
      { match: { severity: 'critical' }, notifiers: ['pager'], continue: true },
      { match: { severity: 'critical', component: /^db/ }, notifiers: ['chat', 'pager'] },
      rest,
    ]
    expect(ask(routes, { severity: 'critical', component: 'db-1' })).toEqual(['pager', 'chat'])
    expect(ask(routes, { severity: 'critical', component: 'web' })).toEqual(['pager', 'mail'])
    expect(ask(routes, { severity: 'warning' })).toEqual(['mail'])
  })

  it('leaves out the end where a route does not tell it', () => {
    const routes: readonly Route[] = [
      { match: { a: '1' }, notifiers: ['chat'], sendResolved: false, continue: true },
      rest,
    ]
    expect(ask(routes, { a: '1' }, 'resolved')).toEqual(['mail'])
    expect(ask(routes, { a: '1' })).toEqual(['chat', 'mail'])
  })

  it('takes an absent label for an empty one, and reads none of an object itself', () => {
    expect(ask([{ match: { team: '' }, notifiers: ['chat'] }, rest], {})).toEqual(['chat'])
    expect(ask([{ match: { toString: /native/ }, notifiers: ['chat'] }, rest], {})).toEqual(['mail'])
  })

  it('matches a global pattern every time', () => {
    const route = createRouter([{ match: { a: /x/g }, notifiers: ['chat'] }, rest], names)
    for (let round = 0; round < 3; round++) expect(route({ labels: { a: 'x' }, status: 'firing' })).toEqual(['chat'])
  })

  it('throws for a notifier that is not there, and where an alert could match nothing', () => {
    expect(() => createRouter([{ notifiers: ['nobody'] }], names)).toThrow('routes[0].notifiers: there is no notifier')
    expect(() => createRouter([], names)).toThrow(TypeError)
    expect(() => createRouter([{ match: { a: '1' }, notifiers: [] }], names)).toThrow('must be without match')
    expect(() => createRouter([{ notifiers: ['chat'], continue: true }], names)).toThrow('must be without match')
    const wrong = [{ match: { a: 1 as unknown as string }, notifiers: [] }, rest]
    expect(() => createRouter(wrong, names)).toThrow('routes[0].match.a must be')
  })
})
