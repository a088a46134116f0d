/**
 * JSON Lines with trace ids and masked secrets, and an access log for `observe()`.
 *
 * @module
 */
export {}
