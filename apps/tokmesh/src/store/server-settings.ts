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
