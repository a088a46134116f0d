/** Pictures of pages, for the documentation. */
import { spawnSync } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'

const executablePath = ['chromium', 'chromium-browser', 'google-chrome']
  .map((name) => spawnSync('which', [name]).stdout?.toString().trim())
  .find((path) => path)

/** A page that is to be shown. */
export interface Picture {
  /** Name of the file, without `.png`. */
  readonly name: string
  readonly url: string
  /** Of the window, pixels. Default: 1200 × 700. */
  readonly size?: { readonly width: number; readonly height: number }
  /** Resolves when the page shows what it is to show. */
  readonly ready: (page: Page) => Promise<unknown>
}

/** No picture may be larger: they are in the repository for good. */
const limitBytes = 150_000

/** Takes pictures with a browser that knows no other host than this machine. Rejects where there is none. */
export async function takePictures(folder: string, pictures: readonly Picture[]): Promise<void> {
  if (!executablePath) throw new Error('chromium is not installed')
  const alone = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', alone] })
  try {
    for (const { name, url, ready, size = { width: 1200, height: 700 } } of pictures) {
      const page = await browser.newPage({ viewport: size })
      await page.goto(url)
      await ready(page)
      const path = join(folder, `${name}.png`)
      await page.screenshot({ path })
      await page.close()
      const { size: bytes } = await stat(path)
      if (bytes > limitBytes) throw new Error(`${path} has ${bytes} bytes, more than ${limitBytes}`)
    }
  } finally {
    await browser.close()
  }
}

/** Scripts for the page itself: what is not worth a look is taken away, and paths of this machine with it. */
const tidy = {
  /** Groups in which no alert is pending or firing. */
  alerts: `document.querySelectorAll('#alertsTable > tbody > tr').forEach((row) => {
    row.querySelectorAll('td').forEach((cell) => {
      if (cell.children.length === 0) cell.textContent = cell.textContent.replace(/^\\s*\\S*\\/rules\\//, 'rules/')
    })
    let next = row.nextElementSibling
    if (row.className !== '' || row.querySelector('.alert_details, pre')) return
    while (next && next.className !== '' && getComputedStyle(next).display === 'none') next = next.nextElementSibling
    if (!next || next.className === '') row.remove()
  })`,
  /** Jobs that have no target here. */
  targets: `document.querySelectorAll('.table-container').forEach((job) => {
    if (/\\(0\\/0 up\\)/.test(job.textContent)) job.remove()
  })`,
}

/** The alerts of a Prometheus that are pending or fire, with what there is to say of the one that is named. */
export async function pictureOfAlerts(folder: string, url: string, alert: string): Promise<void> {
  const ready = async (page: Page) => {
    await page.click('label:has(#inactiveAlerts)')
    await page.waitForTimeout(500)
    await page.evaluate(tidy.alerts)
    await page.click(`.alert_header:has(:text-is("${alert}"))`)
    await page.evaluate('document.activeElement.blur()')
    await page.waitForTimeout(500)
  }
  await takePictures(folder, [
    { name: 'prometheus-alerts', url: `${url}/classic/alerts`, size: { width: 1200, height: 1220 }, ready },
  ])
}

/** The targets of a Prometheus, all of which are to be up. */
export async function pictureOfTargets(folder: string, url: string): Promise<void> {
  const ready = async (page: Page) => {
    await page.waitForSelector('.table-container')
    await page.evaluate(tidy.targets)
  }
  await takePictures(folder, [
    { name: 'prometheus-targets', url: `${url}/classic/targets`, size: { width: 1200, height: 990 }, ready },
  ])
}

/** A query of a dashboard over the last minutes, and the reference page of a node. */
export async function picturesOfLatency(folder: string, prometheus: string, node: string): Promise<void> {
  const query = `histogram_quantile(0.99, sum by (le, path) (rate(tokmesh_api_request_duration_seconds_bucket{path=~"/tokens/validate|/sessions"}[1m])))`
  const graph = `${prometheus}/classic/graph?g0.tab=0&g0.range_input=3m&g0.expr=${encodeURIComponent(query)}`
  await takePictures(folder, [
    {
      name: 'prometheus-graph',
      url: graph,
      size: { width: 1200, height: 900 },
      ready: async (page) => {
        await page.waitForFunction('document.querySelector(".rickshaw_legend")?.children.length > 0')
        await page.waitForTimeout(1_000)
      },
    },
    { name: 'tokmesh-docs', url: `${node}/docs`, ready: (page) => page.waitForSelector('.opblock') },
  ])
}
