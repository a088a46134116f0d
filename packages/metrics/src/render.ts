import type { Part } from './collect.ts'
import { escapeHelp, formatLabels } from './text.ts'
import { createWriter } from './writer.ts'

/** How a scrape is written. */
export interface RenderOptions {
  readonly openMetrics: boolean
  /** Labels that every sample gets, unless it has its own of that name. */
  readonly defaultLabels: Readonly<Record<string, string>>
}

/** Bytes that are put together before they go out. */
const sliceBytes = 32_768

/** A piece of the exposition; it ends with a line. */
export type Slice = Uint8Array<ArrayBuffer>

/** Writes the parts in slices of some 32 KB. Between two slices anything may happen; within one nothing else runs. */
export function* renderParts(parts: readonly Part[], options: RenderOptions): Generator<Slice, void> {
  const writer = createWriter(2 * sliceBytes)
  for (const part of parts) {
    const snapshot = part.snapshot()
    const extra = extraLabels(part, options.defaultLabels)
    writer.text(renderHeader(part, options.openMetrics))
    for (let child = 0; child < snapshot.children; child++) {
      snapshot.write(writer, child, options.openMetrics, extra)
      if (writer.length >= sliceBytes) yield writer.take()
    }
  }
  if (options.openMetrics) writer.text('# EOF\n')
  yield writer.take()
}

function renderHeader({ name, help, type }: Part, openMetrics: boolean): string {
  const family = openMetrics && type === 'counter' ? name.replace(/_total$/, '') : name
  return `# HELP ${family} ${escapeHelp(help, openMetrics)}\n# TYPE ${family} ${type}\n`
}

function extraLabels({ labelNames }: Part, defaults: Readonly<Record<string, string>>): string {
  const names = Object.keys(defaults)
  if (names.length === 0) return ''
  return formatLabels(Object.fromEntries(Object.entries(defaults).filter(([name]) => !labelNames.includes(name))))
}

/** Longest time in milliseconds that writing holds the event loop before others get their turn. */
const holdMs = 2

/** The same slices, with a turn of the event loop whenever {@link holdMs} have gone by. */
export async function* renderGently(parts: readonly Part[], options: RenderOptions): AsyncGenerator<Slice, void> {
  let since = performance.now()
  for (const slice of renderParts(parts, options)) {
    yield slice
    if (performance.now() - since < holdMs) continue
    await turn()
    since = performance.now()
  }
}

/** Lets timers and sockets have their turn. `setTimeout` is slower by a millisecond, but everywhere. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve)
    else setTimeout(resolve, 0)
  })
}
