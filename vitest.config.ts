import { defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'

// `npm run test:long` runs the tests that take minutes, and those alone.
const suffix = process.env.LONG_TESTS === 'true' ? 'long.test' : 'test'

// Workspace packages are tested from their sources; `@honoscope/source` is the export condition that names them.
// What `module` names is for bundlers: OpenTelemetry's can't be loaded by Node.
const conditions = ['@honoscope/source', ...defaultServerConditions.filter((condition) => condition !== 'module')]

export default defineConfig({
  ssr: { resolve: { conditions } },
  test: {
    include: [`{packages,apps}/*/src/**/*.${suffix}.ts`, `tests/**/*.${suffix}.ts`],
    exclude: suffix === 'test' ? ['**/*.long.test.ts'] : [],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
})
