import type { Catalogue } from '@honoscope/core'

/** Adds the runtime's metrics; returns what stops their timers and observers. */
export function registerRuntime(_catalogue: Catalogue): () => void {
  return () => {}
}
