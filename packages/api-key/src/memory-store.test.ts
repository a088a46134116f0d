import { keyStoreContract } from '@honoscope/testing/key-store-contract'
import { memoryKeyStore } from './index.ts'

keyStoreContract('memory', () => ({ store: memoryKeyStore() }))
