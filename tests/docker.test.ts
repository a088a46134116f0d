/** Whether the Dockerfile says what it should; `docker-build.long.test.ts` does what it says. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { keys } from '../apps/tokmesh/src/config/keys.ts'
import { dockerignore, last, readStages, variablesOf } from './support/dockerfile.ts'
import { type Manifest, written } from './support/manifests.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (name: string) => readFileSync(join(root, name), 'utf8')
const stages = readStages(read('Dockerfile'))
const images = stages.filter((stage) => last(stage, 'ENTRYPOINT') !== undefined)
const { devDependencies } = JSON.parse(read('package.json'))
const { version } = JSON.parse(read('apps/tokmesh/package.json'))

describe('the Dockerfile', () => {
  it('makes three images, and TokMesh under Node where none is named', () => {
    expect(images.map(({ name }) => name)).toEqual(['alert-receiver', 'bun', 'node'])
    expect(stages.at(-1)?.name).toBe('node')
  })

  it('names its base images by version, and the Bun that the tests run under', () => {
    for (const { image } of stages) expect(image).toMatch(/^(node|oven\/bun):\d+\.\d+\.\d+(-[a-z]+)*$/)
    expect(stages.find(({ name }) => name === 'bun')?.image).toBe(`oven/bun:${devDependencies.bun}-slim`)
  })

  it.each(images.map((stage) => [stage.name, stage] as const))(
    '%s: a user that is not root, no shell before the process, SIGTERM, labels',
    (name, stage) => {
      expect(last(stage, 'USER')).toBe('10001:10001')
      expect(last(stage, 'STOPSIGNAL')).toBe('SIGTERM')
      const [program, script] = JSON.parse(last(stage, 'ENTRYPOINT') ?? '')
      expect(program).toBe(name === 'bun' ? 'bun' : 'node')
      expect(script).toMatch(/^\/tokmesh\/(apps|examples)\//)
      expect(last(stage, 'LABEL')).toContain(`org.opencontainers.image.version="${version}"`)
      expect(stage.instructions.map((instruction) => instruction.name)).not.toContain('RUN')
    },
  )

  it('listens where a container can be reached, on the port that it exposes, and takes variables that TokMesh knows', () => {
    for (const stage of images.filter(({ name }) => name !== 'alert-receiver')) {
      const { TOKMESH_SERVER_HTTP_ADDRESS: address = '', TOKMESH_STORAGE_DATA_DIR } = variablesOf(stage)
      expect(keys.httpAddress.parse(address)).toEqual({ host: '0.0.0.0', port: Number(last(stage, 'EXPOSE')) })
      const chowned = stage.instructions.find(({ text }) => text.includes('--chown=10001:10001'))
      expect(chowned?.text.split(' ').at(-1)).toBe(TOKMESH_STORAGE_DATA_DIR)
    }
  })

  it('copies from stages that come before', () => {
    stages.forEach(({ instructions }, i) => {
      const before = stages.slice(0, i).map(({ name }) => name)
      for (const { text } of instructions) {
        const [, from] = /^--from=(\S+)/.exec(text) ?? []
        if (from !== undefined) expect(before).toContain(from)
      }
    })
  })

  it('has the user that the manifests of Kubernetes ask for', () => {
    const deployment = [...written('base').values()].flat().find(({ kind }) => kind === 'Deployment') as Manifest
    const { runAsUser, runAsGroup } = deployment.spec.template.spec.securityContext
    expect(`${runAsUser}:${runAsGroup}`).toBe('10001:10001')
    expect(deployment.spec.template.spec.containers[0].image).toBe(`tokmesh:${version}`)
  })
})

describe('.dockerignore', () => {
  const passes = dockerignore(read('.dockerignore'))
  const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n')

  it('lets in what is needed', () => {
    const needed = tracked.filter((path) =>
      /(^|\/)(package\.json|tsconfig(\.base)?\.json)$|^package-lock\.json$/.test(path),
    )
    expect(needed.filter((path) => !passes(path))).toEqual([])
    expect(needed.length).toBeGreaterThan(20)
    expect(passes('apps/tokmesh/src/server.ts')).toBe(true)
  })

  it.each([
    '.git/config',
    'data/key',
    'apps/tokmesh/data/x',
    'packages/core/dist/index.js',
    'node_modules/hono/package.json',
    'packages/core/node_modules/x/package.json',
    'packages/core/src/observe.test.ts',
    'deploy/compose/secrets/database-password',
    '.env',
    'cluster/keys',
  ])('keeps %s out', (path) => expect(passes(path)).toBe(false))
})
