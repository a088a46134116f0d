import { defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'

// `npm run test:long` and `npm run test:cluster` run tests of their own kind, and those alone.
const kind = process.env.TEST_KIND
const suffix = kind === undefined ? 'test' : `${kind}.test`

// Workspace packages are tested from their sources; `@honoscope/source` is the export condition that names them.
// What `module` names is for bundlers: OpenTelemetry's can't be loaded by Node.
const conditions = ['@honoscope/source', ...defaultServerConditions.filter((condition) => condition !== 'module')]

export default defineConfig({
  ssr: { resolve: { conditions } },
  test: {
    include: [`{packages,apps}/*/src/**/*.${suffix}.ts`, `tests/**/*.${suffix}.ts`],
    exclude: kind === undefined ? ['**/*.long.test.ts', '**/*.cluster.test.ts'] : [],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: kind === 'cluster' ? 1 : 2,
  },
})
