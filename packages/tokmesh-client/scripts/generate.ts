// `npm run generate`: writes src/generated.ts anew from the document that TokMesh serves.
import { writeFileSync } from 'node:fs'
import { generated, generatedFile } from './format.ts'

writeFileSync(generatedFile, generated())
