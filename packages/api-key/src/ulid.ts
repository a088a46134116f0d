/** Fills the array with random bytes of a CSPRNG and returns it. */
export type RandomBytes = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>

/** @see createUlid */
export interface UlidOptions {
  /** Unix milliseconds. Default: `Date.now`. */
  readonly clock?: () => number
  /** Source of the 80 random bits. Default: `crypto.getRandomValues`. */
  readonly random?: RandomBytes
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
const timeDigits = 10
const randomDigits = 16

/** The web platform's CSPRNG. */
export const cryptoRandom: RandomBytes = (bytes) => crypto.getRandomValues(bytes)

/**
 * Returns a generator of ULIDs: 26 characters, lower-case Crockford Base32, sorting by time. Each is greater than
 * the one before, also within one millisecond and when the clock steps back (the later time is kept then).
 * An id, never a credential: the next one within a millisecond can be guessed.
 */
export function createUlid(options: UlidOptions = {}): () => string {
  const { clock = Date.now, random = cryptoRandom } = options
  let lastTime = -1
  let digits: number[] = []
  return () => {
    const now = Math.floor(clock())
    if (now > lastTime) {
      lastTime = now
      digits = randomBase32(random)
    } else if (!increment(digits)) {
      // 2^80 ids in one millisecond, or a random part that began near the end: borrow the next millisecond.
      lastTime += 1
      digits = randomBase32(random)
    }
    return encodeTime(lastTime) + digits.map((digit) => alphabet[digit]).join('')
  }
}

function randomBase32(random: RandomBytes): number[] {
  return Array.from(random(new Uint8Array(randomDigits)), (byte) => byte & 31)
}

/** Adds 1 in place; false when the number was the greatest. */
function increment(digits: number[]): boolean {
  for (let i = digits.length - 1; i >= 0; i--) {
    const digit = (digits[i] ?? 0) + 1
    digits[i] = digit & 31
    if (digit < 32) return true
  }
  return false
}

function encodeTime(time: number): string {
  let text = ''
  for (let i = 0, rest = time; i < timeDigits; i++, rest = Math.floor(rest / 32)) text = alphabet[rest % 32] + text
  return text
}
