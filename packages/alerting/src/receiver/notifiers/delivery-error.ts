/** The message was not taken, and may be later: it is tried again. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError'
  readonly code = 'HONOSCOPE_NOTIFICATION_FAILED'
}
