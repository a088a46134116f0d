/**
 * The metrics that the suite, TokMesh and what runs beside them export, as catalogues for rules and dashboards.
 *
 * @module
 */
export { postgresCatalogue, redisCatalogue } from './external/databases.ts'
export { kubernetesCatalogue } from './external/kubernetes.ts'
export { nodeCatalogue } from './external/node.ts'
export { alertmanagerCatalogue, prometheusCatalogue } from './external/prometheus.ts'
export { receiverCatalogue } from './external/receiver.ts'
export { chat2sqlCatalogue } from './generated/chat2sql.ts'
export { databaseCatalogue } from './generated/database.ts'
export { genaiCatalogue } from './generated/genai.ts'
export { httpCatalogue } from './generated/http.ts'
export { iacCatalogue } from './generated/iac.ts'
export { runtimeCatalogue } from './generated/runtime.ts'
export { suiteCatalogue } from './generated/suite.ts'
export { tokmeshCatalogue } from './generated/tokmesh.ts'
export { type Prefixed, prefixed } from './prefixed.ts'
