import { spawnSync } from 'node:child_process'
import { request } from 'node:http'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adminKey, type Node, startNode } from '../acceptance/support.ts'
import { operations } from '../routes/operations.ts'
import { assetNames } from './assets.ts'
import { pagePolicy } from './page.ts'

let node: Node
beforeAll(async () => {
  node = await startNode('embedded')
})
afterAll(() => node.stop())

/** An answer with the bytes as they were sent: `fetch` undoes an encoding and tidies up paths. */
function raw(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status?: number; bytes: Buffer; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const sent = request(`${node.url}/`, { path, headers }, async (answer) => {
      const chunks: Buffer[] = []
      for await (const chunk of answer) chunks.push(chunk)
      resolve({ status: answer.statusCode ?? 0, bytes: Buffer.concat(chunks), headers: answer.headers })
    })
    sent.on('error', reject).end()
  })
}

it('has a page with a policy of its own, and nothing in it leads elsewhere', async () => {
  const { status, headers, text } = await node.call('GET', '/docs')
  expect(status).toBe(200)
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(headers.get('content-security-policy')).toBe(pagePolicy)
  expect(headers.get('cache-control')).toBe('no-cache')
  expect(headers.get('x-request-id')).toMatch(/^req-/)
  const addresses = Array.from(text.matchAll(/(?:src|href)="([^"]*)"/g), ([, address]) => address)
  expect(addresses.length).toBe(assetNames.length + 2)
  for (const address of addresses) expect(address).toMatch(/^(docs\/[\w.-]+\?v=[\w-]{16}|openapi\.json|data:,)$/)
})

it.each(assetNames)('serves %s, compressed if asked, for good with its version', async (name) => {
  const plain = await raw(`/docs/${name}`)
  expect(plain.status).toBe(200)
  expect(plain.headers['content-type']).toMatch(/^text\/(css|javascript); charset=utf-8$/)
  expect(plain.headers).toMatchObject({ vary: 'Accept-Encoding', 'cache-control': 'no-cache' })
  expect(plain.headers).not.toHaveProperty('content-encoding')
  const { etag } = plain.headers
  const version = String(etag).slice(3, -1)

  const zipped = await raw(`/docs/${name}?v=${version}`, { 'Accept-Encoding': 'br, gzip' })
  expect(zipped.headers).toMatchObject({ 'content-encoding': 'gzip', etag })
  expect(zipped.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  const { status, headers, text } = await node.call('GET', `/docs/${name}`)
  expect({ status, etag: headers.get('etag'), same: text === plain.bytes.toString() }).toEqual({
    status: 200,
    etag,
    same: true,
  })
  if (name.startsWith('swagger')) expect(zipped.bytes.length).toBeLessThan(plain.bytes.length / 3)

  // The reader of a piece now and then is known from one that reads nothing by the pieces that it takes.
  const body = await node.service.app.request(`/docs/${name}`)
  expect(body.headers.get('content-length')).toBe(String(plain.bytes.length))
  let longest = 0
  for await (const piece of body.body ?? []) longest = Math.max(longest, piece.length)
  expect(longest).toBe(Math.min(plain.bytes.length, 64 * 1024))

  expect((await raw(`/docs/${name}`, { 'Accept-Encoding': 'gzip;q=0' })).headers).not.toHaveProperty('content-encoding')
  const known = await raw(`/docs/${name}`, { 'If-None-Match': String(etag) })
  expect([known.status, known.bytes.length]).toEqual([304, 0])
  expect((await raw(`/docs/${name}`, { 'If-None-Match': 'W/"another"' })).status).toBe(200)
})

it.each([
  '/docs/',
  '/docs/index.html',
  '/docs/package.json',
  '/docs/swagger-ui-bundle.js.map',
  '/docs/../package.json',
  '/docs/..%2fpackage.json',
  '/docs/%2e%2e/%2e%2e/package.json',
  '/docs/swagger-ui.css/',
  '/docs/__proto__',
])('serves nothing else: %s', async (path) => {
  const { status, bytes } = await raw(path)
  expect([status, JSON.parse(bytes.toString()).code]).toEqual([404, 'TM-SYS-4040'])
})

const executablePath = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
)
const title = `in a real browser${executablePath ? '' : ' (skipped: chromium is not installed)'}`

describe.skipIf(!executablePath)(title, () => {
  let browser: Browser
  beforeAll(async () => {
    const path = spawnSync('which', [executablePath ?? ''])
      .stdout.toString()
      .trim()
    // Every other name leads nowhere, so that what the page asked of one would be missed.
    const alone = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'
    browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox', alone] })
  })
  afterAll(() => browser?.close())

  /** Opens the page and waits until it is drawn; what it asked for and complained about goes into the lists. */
  async function open(size: { width: number; height: number }, colorScheme: 'light' | 'dark' = 'light') {
    const page = await browser.newPage({ viewport: size, colorScheme })
    const [asked, complaints]: [string[], string[]] = [[], []]
    page.on('request', (one) => asked.push(one.url()))
    page.on('requestfailed', (one) => complaints.push(`failed: ${one.url()}`))
    page.on('console', (one) => one.type() === 'error' && complaints.push(one.text()))
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.addInitScript(`addEventListener('securitypolicyviolation', (event) =>
      console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile))`)
    await page.goto(`${node.url}/docs`)
    await page.waitForSelector('.opblock')
    return { page, asked, complaints }
  }

  const shown = (page: Page, selector: string) =>
    page.$$eval(selector, (found) => found.map((one) => (one.textContent ?? '').replaceAll('\u200b', '')))

  it('shows every operation, asks only this node and breaks no rule', async () => {
    const { page, asked, complaints } = await open({ width: 1280, height: 900 })
    expect((await shown(page, '.opblock-summary-operation-id')).sort()).toEqual(operations.map(({ id }) => id).sort())
    expect((await shown(page, '.opblock-summary-description')).sort()).toEqual(
      operations.map(({ summary }) => summary).sort(),
    )
    for (const id of ['createSession', 'validateToken']) {
      await page.click(`.opblock:has(:text-is("${id}")) .opblock-summary-control`)
    }
    await page.waitForSelector('.opblock.is-open .responses-table')
    await page.waitForTimeout(500)
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/desktop.png` })
    const here = asked.filter((address) => !address.startsWith('data:'))
    expect(here.length).toBeGreaterThanOrEqual(assetNames.length + 2)
    for (const address of here) expect(address).toMatch(new RegExp(`^${node.url}/(docs|openapi\\.json)`))
    expect(complaints).toEqual([])
  })

  it('lets its reader try a call with a key, which it does not keep', async () => {
    const { page, complaints } = await open({ width: 1280, height: 900 })
    await page.click('.auth-wrapper .authorize')
    await page.fill('.auth-container input >> nth=0', adminKey)
    await page.click('.auth-btn-wrapper .authorize >> nth=0')
    await page.click('.btn-done')
    await page.click('.opblock:has(:text-is("statusSummary")) .opblock-summary-control')
    await page.click('.opblock.is-open .try-out__btn')
    await page.click('.opblock.is-open .execute')
    await page.waitForSelector('.live-responses-table .response-col_status')
    expect(await shown(page, '.live-responses-table .response-col_status')).toContain('200')
    expect(complaints).toEqual([])
    const kept = 'JSON.stringify([localStorage, sessionStorage, document.cookie])'
    expect(await page.evaluate(kept)).toBe('[{},{},""]')
  })

  it('fits a phone, and is dark for who prefers that', async () => {
    const { page, complaints } = await open({ width: 390, height: 844 }, 'dark')
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(28, 32, 34)')
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/phone.png` })
    expect(complaints).toEqual([])
  })
})
