#!/usr/bin/env node
// Committed, unlike the built file behind it, so that npm finds something to link at install time.
const built = await import('../dist/cli/run.js').catch((error) => {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !String(error.message).includes('cli/run.js')) throw error
  process.stderr.write('honoscope: not built yet; run "npm run build" first\n')
  process.exit(2)
})

// Whoever reads may stop reading: `honoscope rules | head`.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await built.runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  stdin: process.stdin,
  color: process.stdout.isTTY === true && !process.env.NO_COLOR,
  cwd: process.cwd(),
})
