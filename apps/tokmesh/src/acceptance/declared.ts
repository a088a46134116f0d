/** Holds every answer that a test gets against the declaration of its route, and so against the OpenAPI document. */
import { expect } from 'vitest'
import { codesOf } from '../openapi/codes.ts'
import { operations } from '../routes/operations.ts'

const templates = operations.map((declared) => {
  const pattern = new RegExp(`^${declared.path.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}$`)
  return { declared, pattern }
})

/** Checks an envelope; answers of undeclared routes, methods and of the plain kind are let through. */
export function expectDeclared(method: string, path: string, status: number, body: Record<string, unknown>): void {
  const [bare = ''] = path.split('?')
  const found = templates.find(({ declared, pattern }) => declared.method === method && pattern.test(bare))
  if (!found || 'answers' in found.declared) return
  const { declared } = found
  const where = `${method} ${declared.path}`
  if (body.code !== 'OK') {
    expect({ where, codes: codesOf(declared) }).toEqual({ where, codes: expect.arrayContaining([body.code]) })
    return
  }
  expect({ where, status }).toEqual({ where, status: declared.status ?? 200 })
  const { error } = declared.data.safeParse(body.data)
  expect({ where, issues: error?.issues ?? [] }).toEqual({ where, issues: [] })
}
