import type { ErrorCode } from '../domain/errors.ts'
import { pathNames } from '../http/path.ts'
import { type AnyOperation, isAdmin, type Operation } from '../routes/operation.ts'

/** Every code that the operation may answer with: the sets of the contract's section 4.0, and its own. */
export function codesOf(declared: AnyOperation): readonly ErrorCode[] {
  if ('answers' in declared) return unique(declared.errors)
  return unique([
    ...keyCodes(declared),
    ...(declared.replay ? (['TM-AUTH-4014', 'TM-AUTH-4015', 'TM-ARG-1001', 'TM-ARG-1002'] as const) : []),
    ...bodyCodes(declared),
    ...(declared.required ? (['TM-ARG-1002'] as const) : []),
    ...(declared.query || pathNames(declared.path).length > 0 ? (['TM-ARG-1001'] as const) : []),
    ...declared.errors,
    // Of every route: what nobody foresaw.
    'TM-SYS-5000',
  ])
}

/** E-AUTH, E-ROLE, E-RATE, and what the database may do to a call. */
function keyCodes(declared: Operation): readonly ErrorCode[] {
  if (declared.roles.length === 0) return []
  const refusals = isAdmin(declared)
    ? (['TM-ADMIN-4030', 'TM-ADMIN-4031'] as const)
    : (['TM-AUTH-4030', 'TM-AUTH-4031'] as const)
  return ['TM-AUTH-4010', 'TM-AUTH-4011', 'TM-AUTH-4012', ...refusals, 'TM-SYS-4290', 'TM-SYS-5001', 'TM-SYS-5030']
}

/** E-BODY, and E-MAINT for the business routes that write. */
function bodyCodes(declared: Operation): readonly ErrorCode[] {
  if (!declared.body) return []
  if (isAdmin(declared)) return ['TM-SYS-4000', 'TM-ADMIN-4130']
  const maintenance = declared.replay === 'always' ? (['TM-ADMIN-5031'] as const) : []
  return ['TM-SYS-4000', 'TM-SYS-4130', ...maintenance]
}

function unique(codes: readonly ErrorCode[]): readonly ErrorCode[] {
  return [...new Set(codes)].sort()
}
