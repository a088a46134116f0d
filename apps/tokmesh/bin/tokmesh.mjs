#!/usr/bin/env node
// Committed, unlike the built file behind it, so that npm finds something to link at install time.
await import('../dist/cli.js').catch((error) => {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error
  process.stderr.write('tokmesh: not built yet; run "npm run build" first\n')
  process.exit(1)
})
