import type { SessionField, SessionSearch, TokMeshClient } from './client.ts'
import type { Session } from './generated.ts'
import type { CallOptions } from './options.ts'

/** Returns a walk over all pages of `search`. */
export function eachSession(search: TokMeshClient['searchSessions']): TokMeshClient['eachSession'] {
  return async function* <const Field extends SessionField>(
    query?: SessionSearch<Field>,
    options?: CallOptions,
  ): AsyncGenerator<Pick<Session, Field | 'id'>, void, undefined> {
    for (let page = query?.page ?? 1; ; page++) {
      const { items, total_items, size } = await search<Field>({ ...query, page }, options)
      yield* items
      if (items.length === 0 || page * size >= total_items) return
    }
  }
}
