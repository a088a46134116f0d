/** The environment that Kubernetes would give to a container. */
import type { Manifest } from './manifests.ts'

/** What a variable's text comes from. */
export interface PodFacts {
  /** Fields by their paths: `metadata.name`, `status.podIP`. */
  readonly fields: Readonly<Record<string, string>>
  /** Secrets by name, and their keys. One that is missing here is left out where it is optional. */
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** An item of `env`. */
export interface EnvironmentItem {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string }
    readonly secretKeyRef?: { readonly name: string; readonly key: string; readonly optional?: boolean }
  }
}

/** All containers of a build's workloads, with the document that each is in. */
export function containersOf(documents: readonly Manifest[]): readonly { owner: Manifest; container: Manifest }[] {
  return documents.flatMap((owner) => {
    const spec = owner.spec?.template?.spec
    return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map((container) => ({ owner, container }))
  })
}

/**
 * The environment of a container. As in Kubernetes `$(NAME)` stands for a variable that is defined further up, and for
 * itself where there is none. Throws for a field or a secret that is not among the facts.
 */
export function environmentOf(items: readonly EnvironmentItem[], facts: PodFacts): Record<string, string> {
  const environment: Record<string, string> = {}
  for (const { name, value, valueFrom } of items) {
    const text = valueFrom ? referred(name, valueFrom, facts) : expand(value ?? '', environment)
    if (text !== undefined) environment[name] = text
  }
  return environment
}

function expand(text: string, environment: Readonly<Record<string, string>>): string {
  return text.replace(/\$\(([A-Za-z_][\w.-]*)\)/g, (whole, name: string) => environment[name] ?? whole)
}

function referred(name: string, from: NonNullable<EnvironmentItem['valueFrom']>, facts: PodFacts): string | undefined {
  const { fieldRef, secretKeyRef } = from
  const text = fieldRef
    ? facts.fields[fieldRef.fieldPath]
    : secretKeyRef && facts.secrets[secretKeyRef.name]?.[secretKeyRef.key]
  if (text === undefined && !secretKeyRef?.optional) throw new Error(`${name}: nothing is known of what it refers to`)
  return text
}
