import type { ErrorCode } from '../domain/errors.ts'

/** What a code means, and what its receiver does about it. */
export interface CodeHelp {
  readonly meaning: string
  readonly remedy: string
}

/** Help for every code: the reference and the README show it. */
export const codeHelp: Readonly<Record<ErrorCode, CodeHelp>> = {
  'TM-SYS-4000': {
    meaning: 'The body can not be read: not JSON, another media type, an unknown field, a wrong type.',
    remedy: 'Mend the request. The message names the field.',
  },
  'TM-SYS-4040': { meaning: 'There is no such route.', remedy: 'Check the path; a trailing slash makes another one.' },
  'TM-SYS-4050': { meaning: 'The route takes other methods.', remedy: 'Use one that `Allow` names.' },
  'TM-SYS-4130': { meaning: 'The body is above its limit.', remedy: 'Send less than `details.limit` bytes.' },
  'TM-SYS-4290': {
    meaning: 'The key is above its request rate on this node.',
    remedy: 'Wait for `Retry-After` seconds; ask for a key with a higher rate if it goes on.',
  },
  'TM-SYS-5000': {
    meaning: 'A fault of the service.',
    remedy: 'Try again up to three times, a little later each time; report the `request_id`.',
  },
  'TM-SYS-5001': {
    meaning: 'The database refused to read or write, for example because its disk is full.',
    remedy: 'Nothing was changed. Try again later; operators look at the log line of the `request_id`.',
  },
  'TM-SYS-5030': {
    meaning: 'The database can not be reached, the service is not ready, or a synchronous revoke was not confirmed.',
    remedy: 'Try again with backoff. With `details.committed` the revoke has happened.',
  },
  'TM-AUTH-4010': {
    meaning: 'There is no API key, or it is malformed.',
    remedy: 'Send `Authorization: Bearer <key_id>:<key_secret>`.',
  },
  'TM-AUTH-4011': {
    meaning: 'The key is unknown or expired, or its secret is wrong.',
    remedy: 'Do not try again: get a working credential.',
  },
  'TM-AUTH-4012': { meaning: 'The key is disabled.', remedy: 'Have an admin enable it, or use another one.' },
  'TM-AUTH-4014': {
    meaning: '`X-Timestamp` is too far from the server’s clock.',
    remedy: 'Set the clock, or take the time from `Date`; then send again with a new timestamp.',
  },
  'TM-AUTH-4015': { meaning: '`X-Nonce` was used before.', remedy: 'Make a new nonce for every request.' },
  'TM-AUTH-4030': {
    meaning: 'The role of the key may not do this.',
    remedy: 'Use a key with a role of `details.required_role`. An issuer can search only with `user_id`.',
  },
  'TM-AUTH-4031': {
    meaning: 'The key may not be used from this address.',
    remedy: 'Call from an allowed address, or make a key that allows this one.',
  },
  'TM-SESS-4001': {
    meaning: 'A rule on the session is broken: a length, a size, a time to live.',
    remedy: 'Keep to `details.limit` of the field that the message names.',
  },
  'TM-SESS-4002': {
    meaning: 'The user has as many sessions as are allowed, or more than one call can revoke.',
    remedy: 'Revoke some, or wait for them to expire: `details` has limit and count.',
  },
  'TM-SESS-4040': { meaning: 'There is no such session, or it is revoked.', remedy: 'Do not try again; sign in anew.' },
  'TM-SESS-4041': { meaning: 'The session has expired.', remedy: 'Sign in anew: an expired session is not revived.' },
  'TM-SESS-4090': { meaning: 'The id that was made is taken, four times in a row.', remedy: 'Try again.' },
  'TM-SESS-4091': {
    meaning: 'Others were changing the session at the same time.',
    remedy: 'Try again after `Retry-After`, up to three times, twice as long each time.',
  },
  'TM-TOKN-4000': { meaning: 'The text is not a session token.', remedy: 'Treat the user as not signed in.' },
  'TM-TOKN-4010': { meaning: 'There is no session with this token.', remedy: 'Treat the user as not signed in.' },
  'TM-TOKN-4011': { meaning: 'The session of this token has expired.', remedy: 'Have the user sign in anew.' },
  'TM-TOKN-4012': { meaning: 'The session of this token was revoked.', remedy: 'Have the user sign in anew.' },
  'TM-TOKN-4090': { meaning: 'The token belongs to another session.', remedy: 'Send another one, or none.' },
  'TM-ARG-1001': {
    meaning: 'An argument is invalid: its form, its range, its value.',
    remedy: 'Mend the one that the message names.',
  },
  'TM-ARG-1002': { meaning: 'A required argument is missing.', remedy: 'Add the one that the message names.' },
  'TM-ARG-1003': {
    meaning: 'Arguments contradict each other, or the state of the object.',
    remedy: 'Mend them: a range that ends before it starts, a key that has expired.',
  },
  'TM-ADMIN-4030': { meaning: 'Only admin keys may do this.', remedy: 'Use a key with the role admin.' },
  'TM-ADMIN-4031': {
    meaning: 'The key may not be used from this address on admin routes.',
    remedy: 'Call from an allowed address.',
  },
  'TM-ADMIN-4041': { meaning: 'There is no such key.', remedy: 'Look it up in the list of keys.' },
  'TM-ADMIN-4130': { meaning: 'The body is above its limit.', remedy: 'Send less than `details.limit` bytes.' },
  'TM-ADMIN-4291': {
    meaning: 'The operation ran within the last minute.',
    remedy: 'Wait for `Retry-After` seconds.',
  },
  'TM-ADMIN-5001': {
    meaning: 'The operation failed, and the database is not to blame.',
    remedy: 'Try again; operators look at the log line of the `request_id`.',
  },
  'TM-ADMIN-5031': {
    meaning: 'The service is in maintenance and takes no writes.',
    remedy: 'Try again later; reading and validating go on.',
  },
  'TM-CLST-4090': {
    meaning: 'A living node has this node id; the start is refused.',
    remedy: 'Give each node its own `cluster.node_id`.',
  },
  'TM-CLST-5030': { meaning: 'The membership table has no usable node.', remedy: 'Try again; look at the nodes.' },
  'TM-CLST-5040': { meaning: 'A cluster operation took too long.', remedy: 'Try again with backoff.' },
  'TM-CLST-5050': { meaning: 'Data of a shard is inconsistent.', remedy: 'Report the `request_id`.' },
}
