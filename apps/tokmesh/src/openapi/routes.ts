/** `/openapi.json`, and `/docs` with the files behind it. */
import { Hono } from 'hono'
import { accepts } from 'hono/accepts'
import type { AppContext, AppEnv } from '../http/env.ts'
import { stampRequestId } from '../http/errors.ts'
import { openApi, reference } from '../routes/documentation-operations.ts'
import { type Asset, assetNames, createAssets } from './assets.ts'
import { openApiDocument } from './document.ts'
import { pageHtml, pagePolicy } from './page.ts'

/** The routes of the documentation, which need no key: the document has no secret. */
export function documentationRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  // Made when it is first asked for: most processes are never asked.
  let text: string | undefined

  app.get(openApi.path, stampRequestId, (c) => {
    text ??= JSON.stringify(openApiDocument())
    return c.body(text, 200, { 'Content-Type': 'application/json' })
  })

  const assetOf = createAssets()
  app.get(reference.path, stampRequestId, async (c) => {
    const versions = await Promise.all(assetNames.map(async (name) => [name, (await assetOf(name)).version]))
    const html = pageHtml((file) => Object.fromEntries(versions)[file])
    const headers = { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-cache' }
    return c.body(html, 200, { ...headers, 'Content-Security-Policy': pagePolicy })
  })
  // A route for each file: no other name leads anywhere, and metrics have no label that a client makes up.
  for (const name of assetNames) {
    app.get(`${reference.path}/${name}`, stampRequestId, async (c) => answerWith(c, await assetOf(name)))
  }

  return app
}

function answerWith(c: AppContext, { contentType, version, bytes, gzipped }: Asset): Response {
  // Weak, since it stands for both encodings.
  const etag = `W/"${version}"`
  const forGood = c.req.query('v') === version
  const headers = {
    'Content-Type': contentType,
    'Cache-Control': forGood ? 'public, max-age=31536000, immutable' : 'no-cache',
    ETag: etag,
    Vary: 'Accept-Encoding',
  }
  if (c.req.header('if-none-match')?.includes(etag)) return c.body(null, 304, headers)
  if (!takesGzip(c)) return c.body(inPieces(bytes), 200, { ...headers, 'Content-Length': `${bytes.length}` })
  const coded = { 'Content-Encoding': 'gzip', 'Content-Length': `${gzipped.length}` }
  return c.body(inPieces(gzipped), 200, { ...headers, ...coded })
}

const pieceBytes = 64 * 1024

/** A listener cuts who takes no piece for a while: in one of 1.7 MB a slow reader would look like none. */
function inPieces(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0
  return new ReadableStream({
    pull(body) {
      if (at < bytes.length) body.enqueue(bytes.subarray(at, at + pieceBytes))
      at += pieceBytes
      if (at >= bytes.length) body.close()
    },
  })
}

function takesGzip(c: AppContext): boolean {
  const encoding = accepts(c, {
    header: 'Accept-Encoding',
    supports: ['gzip'],
    default: 'identity',
    match: (wanted) => (wanted.some(({ type, q }) => type === 'gzip' && q > 0) ? 'gzip' : 'identity'),
  })
  return encoding === 'gzip'
}
