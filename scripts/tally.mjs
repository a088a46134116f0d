// What a run of tests amounts to: how many passed, how many failed, and the names of those that were skipped.
import { existsSync, readFileSync } from 'node:fs'

/** Returns a tally; what is left out is 0 and none. */
export const tally = ({ passed = 0, failed = 0, skipped = [] } = {}) => ({ passed, failed, skipped })

/** Returns the tally of a Vitest JSON report. A file that failed without a failed test counts as one. */
export function fromVitest(path) {
  if (!existsSync(path)) return tally()
  const files = JSON.parse(readFileSync(path, 'utf8')).testResults
  const tests = files.flatMap((file) => file.assertionResults)
  const isBroken = (file) =>
    file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed')
  const named = (...states) => tests.filter(({ status }) => states.includes(status)).map(({ fullName }) => fullName)
  return tally({
    passed: named('passed').length,
    failed: named('failed').length + files.filter(isBroken).length,
    skipped: named('skipped', 'pending', 'todo', 'disabled'),
  })
}

/**
 * Returns the tally of `bun test`: counts from its closing lines, since its JUnit report leaves out a file that could
 * not be loaded, and the names of skipped tests from that report.
 */
export function fromBun(text, path) {
  const count = (word) => Number([...text.matchAll(new RegExp(`^ (\\d+) ${word}$`, 'gm'))].at(-1)?.[1] ?? 0)
  const xml = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const cases = [...xml.matchAll(/<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)]
  const skipped = cases.filter(([, , content = '']) => content.includes('<skipped'))
  return tally({
    passed: count('pass'),
    failed: count('fail'),
    skipped: skipped.map(([, attributes]) => nameOf(attributes)),
  })
}

// Bun writes the describe blocks into `classname`, the innermost first.
function nameOf(attributes) {
  const read = (name) => plainText(attributes.match(new RegExp(`\\b${name}="([^"]*)"`))?.[1] ?? '')
  return [...read('classname').split(' > ').reverse(), read('name')].join(' ').trim()
}

const entities = { '&quot;': '"', '&apos;': "'", '&lt;': '<', '&gt;': '>', '&amp;': '&' }
const plainText = (text) => text.replaceAll(/&(?:quot|apos|lt|gt|amp);/g, (entity) => entities[entity])

/** Returns the sum of several tallies. */
export function sum(tallies) {
  return tallies.reduce(
    (total, each) => ({
      passed: total.passed + each.passed,
      failed: total.failed + each.failed,
      skipped: [...total.skipped, ...each.skipped],
    }),
    tally(),
  )
}

/** Returns `3 passed, 0 failed`, and `, 1 skipped` where there are some. */
export function inWords({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`
}
