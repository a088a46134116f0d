import type { Catalogue } from '@honoscope/core'
import type { Tracer } from '@opentelemetry/api'
import { expectTypeOf } from 'vitest'
import { genAi, instrumentFetch } from '../genai.ts'

declare const metrics: Catalogue
declare const tracer: Tracer

// The function keeps its own type, and whatever is callable as fetch is taken.
expectTypeOf(instrumentFetch(globalThis.fetch, { metrics, tracer })).toEqualTypeOf<typeof globalThis.fetch>()
const own = async (_input: string | URL, _init?: RequestInit): Promise<Response> => new Response()
expectTypeOf(instrumentFetch(own, {})).toEqualTypeOf<typeof own>()
// @ts-expect-error it returns no Response
instrumentFetch(async (_input: string) => 'text', {})
// @ts-expect-error metrics is no catalogue
instrumentFetch(own, { metrics: {} })
// @ts-expect-error who asks for content says what is to be redacted
instrumentFetch(own, { content: {} })
// @ts-expect-error a price has at least one of the input
instrumentFetch(own, { prices: { model: { output: 1 } } })

class Client {
  withOptions(_options: object): this {
    return this
  }
}
expectTypeOf(genAi(new Client(), { metrics })).toEqualTypeOf<Client>()
expectTypeOf(genAi({ apiKey: 'k' }, { metrics })).toEqualTypeOf<{ apiKey: string }>()
// @ts-expect-error no client
genAi('client', { metrics })
