/** Tells on standard error what takes its time: at once on a terminal, else after a second. */

const patienceMs = 1000

/** Where it is told: a terminal, or not. */
export interface ProgressOutput {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** Does `work` and returns what it gives. Nothing is left of the line on a terminal afterwards. */
export async function withProgress<T>(
  label: string,
  work: () => Promise<T>,
  stderr: ProgressOutput = process.stderr,
): Promise<T> {
  if (stderr.isTTY) {
    stderr.write(`${label} …`)
    try {
      return await work()
    } finally {
      stderr.write('\r\u001b[K')
    }
  }
  const since = performance.now()
  let told = false
  const tell = () => {
    told = true
    stderr.write(`tokmesh: ${label} …\n`)
  }
  const slow = setTimeout(tell, patienceMs)
  try {
    return await work()
  } finally {
    clearTimeout(slow)
    if (told) stderr.write(`tokmesh: ${label}: ${((performance.now() - since) / 1000).toFixed(1)} s\n`)
  }
}
