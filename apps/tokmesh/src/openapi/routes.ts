/** `/openapi.json`. */
import { Hono } from 'hono'
import type { AppEnv } from '../http/env.ts'
import { stampRequestId } from '../http/errors.ts'
import { openApi } from '../routes/documentation-operations.ts'
import { openApiDocument } from './document.ts'

/** The routes of the documentation, which need no key: the document has no secret. */
export function documentationRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  // Made when it is first asked for: most processes are never asked.
  let text: string | undefined

  app.get(openApi.path, stampRequestId, (c) => {
    text ??= JSON.stringify(openApiDocument())
    return c.body(text, 200, { 'Content-Type': 'application/json' })
  })

  return app
}
