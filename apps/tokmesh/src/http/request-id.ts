import { newRequestId, requestIdPattern } from '../domain/ids.ts'

/** The caller's `X-Request-ID` where it is fit to be repeated, else a new `req-` id. */
export function requestIdFrom(header: string | undefined): string {
  return header !== undefined && requestIdPattern.test(header) ? header : newRequestId()
}
