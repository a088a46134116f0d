import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'

const guide = readFileSync(new URL('../../../../../docs/alert-notifiers.md', import.meta.url), 'utf8')

it('asks Kubernetes for no more than what the remediations call', () => {
  const [role = ''] = [...guide.matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text ?? '')
  const documents = parseAllDocuments(role).map((document) => document.toJS({ mapAsMap: false }))
  expect(documents.map(({ kind }) => kind)).toEqual(['Role', 'RoleBinding'])
  const allowed = documents[0].rules.flatMap(({ resources, verbs }: { resources: string[]; verbs: string[] }) =>
    resources.map((resource) => `${resource}: ${verbs.join(' ')}`),
  )
  expect(allowed).toEqual([
    'pods: get delete',
    'replicasets: get',
    'statefulsets: get',
    'daemonsets: get',
    'deployments/scale: get update',
  ])
})
