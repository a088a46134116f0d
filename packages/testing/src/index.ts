/**
 * Private: what the tests of several packages share. Never published.
 *
 * @module
 */
export { runtime, type Served, serve } from './serve.ts'
