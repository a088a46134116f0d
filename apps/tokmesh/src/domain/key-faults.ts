import { ApiKeyError } from '@honoscope/api-key'
import { TokMeshError } from './errors.ts'

/** The contract's error for what key management rejects with. Other errors come out as they are. */
export function keyFault(error: unknown): unknown {
  if (!(error instanceof ApiKeyError)) return error
  switch (error.code) {
    case 'KEY_INVALID':
      return new TokMeshError('TM-ARG-1001', error.message)
    case 'KEY_NOT_FOUND':
      return new TokMeshError('TM-ADMIN-4041', 'There is no such key')
    case 'KEY_EXPIRED':
      return new TokMeshError('TM-ARG-1003', 'The key has expired')
    case 'KEY_STORE_TIMEOUT':
      return new TokMeshError('TM-SYS-5030', 'The database cannot be reached', { cause: error })
    default:
      return new TokMeshError('TM-ADMIN-5001', 'The key could not be changed', { cause: error })
  }
}
