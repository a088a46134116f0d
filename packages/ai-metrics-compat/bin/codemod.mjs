#!/usr/bin/env node
// Renames the calls of the twelve AI functions in the files that are named, from Go's style to camelCase, and imports them.
import { readFileSync, writeFileSync } from 'node:fs'
import { renameCalls } from '../dist/go-names.js'

const files = process.argv.slice(2)
if (files.length === 0) {
  process.stderr.write('Name the files: ai-metrics-codemod src/a.ts src/b.ts\n')
  process.exit(1)
}
for (const file of files) {
  const { text, calls } = renameCalls(readFileSync(file, 'utf8'))
  if (calls > 0) writeFileSync(file, text)
  process.stdout.write(`${file}: ${calls}\n`)
}
