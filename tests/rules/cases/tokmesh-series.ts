/** Series of TokMesh that several files of cases have. */

/** Labels of a target. */
export const node = (name: string) => `job="tokmesh",instance="${name}:5080"`

/** Requests of a path. */
export const requests = (path: string, status = '200') =>
  `tokmesh_api_request_duration_seconds_count{${node('a')},method="POST",path="${path}",status="${status}"}`

/** A bucket of the validations. */
export const validate = (le: string) =>
  `tokmesh_api_request_duration_seconds_bucket{${node('a')},method="POST",path="/tokens/validate",status="200",le="${le}"}`
