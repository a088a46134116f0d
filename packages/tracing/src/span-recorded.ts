import type {
  Attributes,
  AttributeValue,
  Exception,
  HrTime,
  Link,
  Span,
  SpanContext,
  SpanStatus,
  TimeInput,
} from '@opentelemetry/api'
import {
  hrTimeToMilliseconds,
  type InstrumentationScope,
  isAttributeValue,
  isTimeInput,
  timeInputToHrTime,
} from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import type { ReadableSpan, SpanLimits } from '@opentelemetry/sdk-trace'

/** What all spans of one provider share. */
export interface Recorder {
  readonly resource: Resource
  readonly scope: InstrumentationScope
  readonly limits: Required<SpanLimits>
  /** Takes the span when it has ended. */
  readonly onEnd: (span: ReadableSpan) => void
}

/**
 * A span that is known to be sampled.
 *
 * The SDK's own asks the sampler once more, copies the attributes three times, and reckons in pairs of numbers from the
 * start; a third of what a sampled request cost. A class, because one is made for each such request.
 */
export class RecordedSpan implements Span, ReadableSpan {
  readonly #recorder: Recorder
  readonly #context: SpanContext
  readonly #startedAt: number
  readonly #clockAtStart: number
  #durationMs = 0
  #attributeCount = 0
  name: string
  readonly kind: number
  readonly parentSpanContext?: SpanContext
  readonly attributes: Attributes = {}
  readonly events: ReadableSpan['events'] = []
  readonly links: Link[] = []
  status: SpanStatus = { code: 0 }
  ended = false
  droppedAttributesCount = 0
  droppedEventsCount = 0
  droppedLinksCount = 0

  constructor(recorder: Recorder, name: string, kind: number, context: SpanContext, parent: SpanContext | undefined) {
    this.#recorder = recorder
    this.#context = context
    this.#startedAt = Date.now()
    this.#clockAtStart = performance.now()
    this.name = name
    this.kind = kind
    if (parent !== undefined) this.parentSpanContext = parent
  }

  get resource(): Resource {
    return this.#recorder.resource
  }
  get instrumentationScope(): InstrumentationScope {
    return this.#recorder.scope
  }
  get startTime(): HrTime {
    return hrTimeOf(this.#startedAt)
  }
  get endTime(): HrTime {
    return this.ended ? hrTimeOf(this.#startedAt + this.#durationMs) : [0, 0]
  }
  get duration(): HrTime {
    return this.ended ? hrTimeOf(this.#durationMs) : [-1, -1]
  }
  spanContext(): SpanContext {
    return this.#context
  }
  isRecording(): boolean {
    return !this.ended
  }

  setAttribute(key: string, value: AttributeValue | undefined): this {
    if (this.ended || value === undefined || value === null || key === '' || !isValue(value)) return this
    const { attributeCountLimit, attributeValueLengthLimit } = this.#recorder.limits
    if (!Object.hasOwn(this.attributes, key)) {
      if (this.#attributeCount >= attributeCountLimit) {
        this.droppedAttributesCount++
        return this
      }
      this.#attributeCount++
    }
    this.attributes[key] = attributeValueLengthLimit === Infinity ? value : cut(value, attributeValueLengthLimit)
    return this
  }

  setAttributes(attributes: Attributes): this {
    for (const key in attributes) this.setAttribute(key, attributes[key])
    return this
  }

  addEvent(name: string, second?: Attributes | TimeInput, third?: TimeInput): this {
    if (this.ended) return this
    const { eventCountLimit, attributePerEventCountLimit } = this.#recorder.limits
    if (this.events.length >= eventCountLimit) {
      this.droppedEventsCount++
      return this
    }
    const [given, time] = isTimeInput(second) ? [undefined, second] : [second as Attributes | undefined, third]
    const [attributes, dropped] = this.#limited(given, attributePerEventCountLimit)
    this.events.push({ name, attributes, time: hrTimeOf(this.#at(time)), droppedAttributesCount: dropped })
    return this
  }

  addLink(link: Link): this {
    // Plain JavaScript may give anything, here and below, and that must break no work.
    const { context, attributes: given } = link ?? {}
    if (this.ended || !context) return this
    const { linkCountLimit, attributePerLinkCountLimit } = this.#recorder.limits
    const [attributes, dropped] = this.#limited(given, attributePerLinkCountLimit)
    if (this.links.length >= linkCountLimit) this.droppedLinksCount++
    else this.links.push({ context, attributes, droppedAttributesCount: dropped })
    return this
  }

  addLinks(links: Link[]): this {
    for (const link of links ?? []) this.addLink(link)
    return this
  }

  setStatus(status: SpanStatus): this {
    const { code = 0, message } = status ?? {}
    // An `ok` is final, and there is no way back to `unset`.
    if (this.ended || code === 0 || this.status.code === 1) return this
    this.status = code === 2 && typeof message === 'string' ? { code, message } : { code }
    return this
  }

  updateName(name: string): this {
    if (!this.ended) this.name = name
    return this
  }

  recordException(exception: Exception, time?: TimeInput): void {
    const { code, name, message, stack }: Partial<Exclude<Exception, string>> =
      typeof exception === 'string' ? { message: exception } : (exception ?? {})
    const type = code ? String(code) : name || undefined
    if (!type && !message) return
    this.addEvent(
      'exception',
      { 'exception.type': type, 'exception.message': message || undefined, 'exception.stacktrace': stack || undefined },
      time,
    )
  }

  end(time?: TimeInput): void {
    if (this.ended) return
    this.#durationMs = Math.max(0, this.#at(time) - this.#startedAt)
    this.ended = true
    this.#recorder.onEnd(this)
  }

  /** Milliseconds since the epoch. Without a time given it goes by the monotonic clock from the start on. */
  #at(time: TimeInput | undefined): number {
    const given = isTimeInput(time) ? hrTimeToMilliseconds(timeInputToHrTime(time)) : Number.NaN
    if (Number.isFinite(given)) return given
    return this.#startedAt + (performance.now() - this.#clockAtStart)
  }

  #limited(given: Attributes | undefined, limit: number): [Attributes, dropped: number] {
    const { attributeValueLengthLimit } = this.#recorder.limits
    const attributes: Attributes = {}
    const entries = Object.entries(given ?? {}).filter(
      ([key, value]) => key !== '' && value !== undefined && value !== null && isValue(value),
    )
    for (const [key, value] of entries.slice(0, limit)) {
      attributes[key] = cut(value as AttributeValue, attributeValueLengthLimit)
    }
    return [attributes, Math.max(0, entries.length - limit)]
  }
}

const isValue = (value: AttributeValue): boolean =>
  typeof value === 'string' || typeof value === 'number' || isAttributeValue(value)

function cut(value: AttributeValue, limit: number): AttributeValue {
  if (typeof value === 'string') return value.length > limit ? value.slice(0, limit) : value
  if (!Array.isArray(value)) return value
  return value.map((one) => (typeof one === 'string' ? one.slice(0, limit) : one)) as AttributeValue
}

const hrTimeOf = (ms: number): HrTime => {
  const seconds = Math.floor(ms / 1000)
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)]
}
