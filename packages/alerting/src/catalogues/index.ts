/**
 * The metrics that the suite and TokMesh export, as catalogues for rules and dashboards.
 *
 * @module
 */
export { chat2sqlCatalogue } from './generated/chat2sql.ts'
export { databaseCatalogue } from './generated/database.ts'
export { genaiCatalogue } from './generated/genai.ts'
export { httpCatalogue } from './generated/http.ts'
export { iacCatalogue } from './generated/iac.ts'
export { runtimeCatalogue } from './generated/runtime.ts'
export { suiteCatalogue } from './generated/suite.ts'
export { tokmeshCatalogue } from './generated/tokmesh.ts'
export { type Prefixed, prefixed } from './prefixed.ts'
