// `npm run generate`: writes the rules and dashboards in deploy/ anew, with the command line that users have.
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { generated } from './generated.mjs'
import { build, fail, install, root, run } from './workspace.mjs'

await install().catch(fail)
if ((await build()) !== 0) fail('Nothing was generated: the build failed, see above.')

const honoscope = join(root, 'packages', 'alerting', 'bin', 'honoscope.mjs')
for (const { folder, files, args } of generated) {
  for (const file of namesIn(join(root, folder))) if (files.test(file)) rmSync(join(root, folder, file))
  const { code } = await run(process.execPath, [honoscope, ...args, '--out', folder])
  if (code !== 0) fail(`honoscope ${args.join(' ')} failed.`)
}

/** None where there is no such folder yet. */
function namesIn(folder) {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
