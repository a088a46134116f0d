/** What all connections to a PostgreSQL server have in common, whoever opens them. */

/** What the server's views call this program. */
export const applicationName = 'tokmesh'

/** Settings of the driver. */
export const driverSettings: {
  readonly connect_timeout: number
  readonly backoff: () => number
  readonly fetch_types: false
  readonly onnotice: () => void
} = {
  // Seconds.
  connect_timeout: 2,
  // A fixed short pause between attempts: the driver's own grows to 20 s, and so would a recovery.
  backoff: () => 0.1,
  fetch_types: false,
  onnotice: () => {},
}

/**
 * Settings of every session. `sender` is what messages about its changes name as their sender, `-` by default:
 * migration 0008 reads it.
 */
export function serverSettings(sender = '-'): Readonly<Record<string, string | number>> {
  return {
    application_name: applicationName,
    // The server gives up before the client does (`timeoutMs` of `openDatabase`), so that it does not go on with a
    // statement whose caller has been told that it failed.
    statement_timeout: 1_500,
    // Shorter still: three attempts at a row that another transaction holds fit into the two seconds of an answer.
    lock_timeout: 500,
    idle_in_transaction_session_timeout: 5_000,
    'tokmesh.sender': sender,
  }
}
