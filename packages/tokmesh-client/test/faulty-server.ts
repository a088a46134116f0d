/** A stand-in for TokMesh that answers as a test says, and notes what it was asked. */
import { createServer, type Socket } from 'node:net'
import { serve } from '@honoscope/testing'
import { createTokMeshClient, type TokMeshClient, type TokMeshClientOptions } from '../src/index.ts'

/** Example credentials, which tests look for where they must not be. */
export const secret = `tmas_${'S3cret'.repeat(7)}x`
export const key = `tmak-01hzzzzzzzzzzzzzzzzzzzzzza:${secret}`
export const token = `tmtk_${'T0ken-'.repeat(7)}y`

/** A request as it came. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: Headers
  readonly body: string
}

/** An answer, or what is done instead. */
export type Reply = (asked: Asked, request: Request) => Response | Promise<Response>

/** A client whose pauses take no time and are noted, before a service that gives the replies one after the other. */
export interface Scene {
  readonly tokmesh: TokMeshClient
  readonly asked: readonly Asked[]
  /** Pauses between the attempts, in milliseconds. */
  readonly pauses: readonly number[]
  readonly url: string
}

const stops: (() => Promise<void>)[] = []

/** Ends every scene. */
export async function endScenes(): Promise<void> {
  await Promise.all(stops.splice(0).map((stop) => stop()))
}

/** Starts a service; its last reply is given again and again. */
export async function scene(replies: readonly Reply[], options: Partial<TokMeshClientOptions> = {}): Promise<Scene> {
  const asked: Asked[] = []
  const { url, stop } = await serve(async (request) => {
    const { pathname, search } = new URL(request.url)
    const { method, headers } = request
    const one = { method, path: pathname + search, headers, body: await request.text() }
    asked.push(one)
    const reply = replies[Math.min(asked.length, replies.length) - 1]
    return reply?.(one, request) ?? new Response('no reply', { status: 599 })
  })
  stops.push(stop)
  return { url, asked, ...clientOf(url, options) }
}

/** A client of `url` whose pauses take no time. */
export function clientOf(url: string, options: Partial<TokMeshClientOptions> = {}): Pick<Scene, 'tokmesh' | 'pauses'> {
  const pauses: number[] = []
  const pause = async (ms: number) => {
    pauses.push(ms)
  }
  return { pauses, tokmesh: createTokMeshClient({ url, key, random: () => 0, pause, ...options }) }
}

/** Success with this `data`. */
export const ok =
  (data: object = {}): Reply =>
  () =>
    Response.json({ code: 'OK', message: 'Success', request_id: 'req-1', timestamp: 1, data })

/** An error envelope. */
export const refuse =
  (code: string, status: number, headers: Record<string, string> = {}, details?: object): Reply =>
  () =>
    Response.json(
      { code, message: `told by ${code}`, request_id: 'req-1', timestamp: 1, ...(details && { details }) },
      { status, headers },
    )

/** What no TokMesh answers. */
export const page =
  (status: number, text = '<h1>Bad Gateway</h1>', type = 'text/html; charset=utf-8'): Reply =>
  () =>
    new Response(text, { status, headers: { 'content-type': type } })

/** No answer at all. */
export const hang: Reply = () => new Promise<never>(() => {})

/** Headers, and a body that never ends. */
export const dribble: Reply = () =>
  new Response(new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('{"code":')) }))

/** Takes requests and closes each connection without an answer; tells how many there were. */
export async function hangUp(): Promise<{ readonly url: string; readonly count: () => number }> {
  let count = 0
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => {
      count += 1
      socket.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  stops.push(
    () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  )
  return { url: `http://127.0.0.1:${port}`, count: () => count }
}
