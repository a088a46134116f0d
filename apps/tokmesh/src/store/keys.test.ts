import { keyStoreContract } from '@honoscope/testing/key-store-contract'
import { afterAll, beforeAll, describe } from 'vitest'
import { type DatabaseUnderTest, databaseKinds, openTestDatabase } from '../testing/databases.ts'
import { createKeyStore } from './keys.ts'

for (const kind of databaseKinds) {
  describe(`on ${kind}`, () => {
    let under: DatabaseUnderTest
    beforeAll(async () => {
      under = await openTestDatabase(kind)
    }, 60_000)
    afterAll(() => under.close())

    keyStoreContract(kind, async () => {
      await under.empty()
      return { store: createKeyStore(under.database) }
    })
  })
}
