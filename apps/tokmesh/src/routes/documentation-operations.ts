/** Declarations of what the service says about itself. */
import type { PlainOperation } from './operation.ts'

export const openApi: PlainOperation = {
  id: 'openApi',
  method: 'GET',
  path: '/openapi.json',
  tag: 'Documentation',
  summary: 'This document',
  roles: [],
  answers: {
    200: { description: 'OpenAPI 3.1.', content: { 'application/json': { schema: { type: 'object' } } } },
  },
  errors: [],
}

export const reference: PlainOperation = {
  id: 'reference',
  method: 'GET',
  path: '/docs',
  tag: 'Documentation',
  summary: 'This document, as a page',
  roles: [],
  answers: {
    200: {
      description: 'A page that asks no other address.',
      content: { 'text/html': { schema: { type: 'string' } } },
    },
  },
  errors: ['TM-SYS-5000'],
}
