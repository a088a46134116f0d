/**
 * The receiver's store in PostgreSQL, through Drizzle.
 *
 * @module
 */
export { drizzleStore } from './drizzle-store.ts'
export { migrate } from './migrate.ts'
export { alertIncidents, alertNotifications, alertRemediations } from './schema.ts'
export type { SqlDatabase, SqlRunner } from './sql-database.ts'
