import type { AppsV1Api, CoreV1Api } from '@kubernetes/client-node'
import type { AppsV1Api as AppsV1Api1, CoreV1Api as CoreV1Api1 } from 'kubernetes-client-1'
import { expectTypeOf } from 'vitest'
import type { OwnerApi, PodApi, ScaleApi } from './kubernetes-api.ts'

expectTypeOf<CoreV1Api>().toExtend<PodApi>()
expectTypeOf<AppsV1Api>().toExtend<OwnerApi>()
expectTypeOf<AppsV1Api>().toExtend<ScaleApi>()
expectTypeOf<CoreV1Api1>().toExtend<PodApi>()
expectTypeOf<AppsV1Api1>().toExtend<OwnerApi>()
expectTypeOf<AppsV1Api1>().toExtend<ScaleApi>()
expectTypeOf<CoreV1Api>().not.toExtend<ScaleApi>()
