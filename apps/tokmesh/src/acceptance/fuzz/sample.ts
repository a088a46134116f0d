/** Values for JSON Schemas: ones that fit, and ones that do not. */
import type { Random } from './random.ts'

/** As much of JSON Schema as the document uses for what clients send. */
export interface Schema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: Schema
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly required?: readonly string[]
}

const letters = ['a', 'Z', '0', '-', ' ', 'é', '漢', '😀', '"', '\\', '/', '%', '<', '\u202e'] as const

/** Texts that break careless code. */
const nasty = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '__proto__',
  'constructor',
  "'; drop table sessions; --",
  '../../etc/passwd',
  '%00',
  '%ff',
  '\r\nX-Injected: 1',
  'tmtk_',
  `tmtk_${'A'.repeat(43)}`,
  `tmas_${'0'.repeat(43)}`,
  'x'.repeat(5000),
  '😀'.repeat(129),
  'null',
  'NaN',
  '1e999',
  '-0',
] as const

/** A value that fits the schema, as far as a schema tells. */
export function fitting(schema: Schema, random: Random): unknown {
  if (schema.enum) return schema.enum[random.below(schema.enum.length)]
  switch (schema.type) {
    case 'integer': {
      const [low, high] = [schema.minimum ?? 0, schema.maximum ?? 100_000]
      return random.pick([low, high, low + random.below(Math.min(high - low + 1, 100_000))])
    }
    case 'boolean':
      return random.once(2)
    case 'array':
      return Array.from({ length: random.below(4) }, () =>
        schema.items ? fitting(schema.items, random) : '10.0.0.0/8',
      )
    case 'object':
      return fittingObject(schema, random)
    default:
      return fittingText(schema, random)
  }
}

function fittingText({ pattern, minLength = 0, maxLength = 40 }: Schema, random: Random): string {
  if (pattern?.includes('tmtk_')) return `tmtk_${randomText(random, 43, ['a', 'B', '7', '_', '-'])}`
  if (pattern?.includes('\\d')) return String(Date.now() + random.below(60_000) - 30_000)
  const length = random.pick([minLength, maxLength, minLength + random.below(Math.min(maxLength, 40) - minLength + 1)])
  return randomText(random, length, letters)
}

function randomText(random: Random, length: number, from: readonly [string, ...string[]]): string {
  return Array.from({ length }, () => random.pick(from)).join('')
}

function fittingObject({ properties = {}, additionalProperties, required = [] }: Schema, random: Random): object {
  const chosen = Object.entries(properties).filter(([name]) => required.includes(name) || random.once(2))
  const value: Record<string, unknown> = {}
  for (const [name, inner] of chosen) value[name] = fitting(inner, random)
  if (typeof additionalProperties === 'object') {
    for (let extra = random.below(4); extra > 0; extra--) {
      value[randomText(random, 1 + random.below(10), letters)] = fitting(additionalProperties, random)
    }
  }
  return value
}

/** A value of any kind at all. */
export function anything(random: Random, levels = 2): unknown {
  const simple = [null, true, 0, -1, 1.5, 2 ** 53, -(2 ** 63), 1e308, ...nasty] as const
  if (levels === 0 || !random.once(4)) return random.pick(simple)
  if (random.once(2)) return Array.from({ length: random.below(5) }, () => anything(random, levels - 1))
  const names = Array.from({ length: random.below(5) }, () => random.pick(nasty))
  return Object.fromEntries(names.map((name) => [name, anything(random, levels - 1)]))
}

/** A nasty text. */
export function anyText(random: Random): string {
  return random.pick(nasty)
}

/** An object that was right, with one thing wrong: a value, a missing field, a strange field. */
export function broken(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return anything(random)
  const names = Object.keys(value)
  const name = names[random.below(names.length)] ?? 'user_id'
  const { [name]: _, ...rest } = value as Record<string, unknown>
  switch (random.below(3)) {
    case 0:
      return rest
    case 1:
      return { ...value, [name]: anything(random) }
    default:
      return { ...value, [anyText(random)]: anything(random) }
  }
}
