/**
 * What the providers' documentation says that goes over the wire, in short. The texts hold characters of two to four
 * bytes, so that cutting at each byte cuts through them.
 */
export interface Conversation {
  readonly name: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly request: Readonly<Record<string, unknown>>
  /** Of a response of 200. */
  readonly contentType: string
  readonly response: string
  readonly error: { readonly status: number; readonly body: string; readonly type: string }
  readonly isStream: boolean
  readonly expected: {
    readonly operation: string
    readonly provider: string
    readonly requestModel: string
    readonly responseModel: string
    readonly id?: string
    readonly finishReasons?: readonly string[]
    readonly input: number
    readonly output?: number
    /** Chunks of output in the stream. */
    readonly chunks?: number
    readonly text?: string
  }
}

const text = 'Grüße, 世界 🌍!'
const json = 'application/json; charset=utf-8'
const sse = 'text/event-stream; charset=utf-8'

const events = (values: readonly unknown[], end = ''): string =>
  values.map((value) => `data: ${JSON.stringify(value)}\n\n`).join('') + end

/** Anthropic and OpenAI's Responses API name each event. */
const namedEvents = (values: readonly ({ readonly type: string } & Record<string, unknown>)[]): string =>
  values.map((value) => `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`).join('')

const openaiError = {
  status: 429,
  body: JSON.stringify({
    error: { message: 'Rate limit reached for org-secret', type: 'requests', param: null, code: 'rate_limit_exceeded' },
  }),
  type: 'rate_limit_exceeded',
}
const anthropicError = {
  status: 529,
  body: JSON.stringify({
    type: 'error',
    error: { type: 'overloaded_error', message: 'Overloaded' },
    request_id: 'req_1',
  }),
  type: 'overloaded_error',
}
const googleError = {
  status: 429,
  body: JSON.stringify({ error: { code: 429, message: 'Quota exceeded', status: 'RESOURCE_EXHAUSTED' } }),
  type: 'RESOURCE_EXHAUSTED',
}

const chatUsage = {
  prompt_tokens: 19,
  completion_tokens: 10,
  total_tokens: 29,
  prompt_tokens_details: { cached_tokens: 8 },
  completion_tokens_details: { reasoning_tokens: 2 },
}
const chatExpected = {
  operation: 'chat',
  provider: 'openai',
  requestModel: 'gpt-4o',
  responseModel: 'gpt-4o-2024-08-06',
  id: 'chatcmpl-1',
  finishReasons: ['stop'],
  input: 19,
  output: 10,
  text,
}
const chatRequest = { model: 'gpt-4o', temperature: 0.2, messages: [{ role: 'user', content: 'Say hello, 世界' }] }
const chunk = (choices: readonly unknown[], more = {}): unknown => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1_760_000_000,
  model: 'gpt-4o-2024-08-06',
  choices,
  ...more,
})

const chat: readonly Conversation[] = [
  {
    name: 'openai chat completions',
    path: '/v1/chat/completions',
    request: chatRequest,
    contentType: json,
    response: JSON.stringify({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1_760_000_000,
      model: 'gpt-4o-2024-08-06',
      choices: [{ index: 0, message: { role: 'assistant', content: text, refusal: null }, finish_reason: 'stop' }],
      usage: chatUsage,
    }),
    error: openaiError,
    isStream: false,
    expected: chatExpected,
  },
  {
    name: 'openai chat completions, streamed',
    path: '/v1/chat/completions',
    request: { ...chatRequest, stream: true, stream_options: { include_usage: true } },
    contentType: sse,
    response: events(
      [
        chunk([{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }], { usage: null }),
        chunk([{ index: 0, delta: { content: 'Grüße, ' }, finish_reason: null }], { usage: null }),
        chunk([{ index: 0, delta: { content: '世界 🌍!' }, finish_reason: null }], { usage: null }),
        chunk([{ index: 0, delta: {}, finish_reason: 'stop' }], { usage: null }),
        chunk([], { usage: chatUsage }),
      ],
      'data: [DONE]\n\n',
    ),
    error: openaiError,
    isStream: true,
    expected: { ...chatExpected, chunks: 5 },
  },
]

const result = {
  id: 'resp_1',
  object: 'response',
  status: 'completed',
  error: null,
  incomplete_details: null,
  model: 'gpt-4.1-2025-04-14',
  output: [
    { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text, annotations: [] }] },
  ],
  usage: {
    input_tokens: 36,
    input_tokens_details: { cached_tokens: 4 },
    output_tokens: 87,
    output_tokens_details: { reasoning_tokens: 5 },
    total_tokens: 123,
  },
}
const begun = { ...result, status: 'in_progress', output: [], usage: null }
const responsesRequest = {
  model: 'gpt-4.1',
  instructions: 'Be kind.',
  input: 'Say hello, 世界',
  max_output_tokens: 300,
}
const responsesExpected = {
  operation: 'chat',
  provider: 'openai',
  requestModel: 'gpt-4.1',
  responseModel: 'gpt-4.1-2025-04-14',
  id: 'resp_1',
  finishReasons: ['completed'],
  input: 36,
  output: 87,
  text,
}

const responses: readonly Conversation[] = [
  {
    name: 'openai responses',
    path: '/v1/responses',
    request: responsesRequest,
    contentType: json,
    response: JSON.stringify(result),
    error: openaiError,
    isStream: false,
    expected: responsesExpected,
  },
  {
    name: 'openai responses, streamed',
    path: '/v1/responses',
    request: { ...responsesRequest, stream: true },
    contentType: sse,
    response: namedEvents([
      { type: 'response.created', response: begun },
      { type: 'response.in_progress', response: begun },
      { type: 'response.output_text.delta', item_id: 'msg_1', output_index: 0, content_index: 0, delta: 'Grüße, ' },
      { type: 'response.output_text.delta', item_id: 'msg_1', output_index: 0, content_index: 0, delta: '世界 🌍!' },
      { type: 'response.completed', response: result },
    ]),
    error: openaiError,
    isStream: true,
    expected: { ...responsesExpected, chunks: 5 },
  },
]

const claudeRequest = {
  model: 'claude-sonnet-4-5',
  max_tokens: 1024,
  system: 'Be kind.',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Say hello, 世界' }] }],
}
const claudeExpected = {
  operation: 'chat',
  provider: 'anthropic',
  requestModel: 'claude-sonnet-4-5',
  responseModel: 'claude-sonnet-4-5-20250929',
  id: 'msg_1',
  finishReasons: ['end_turn'],
  // 25, and 100 out of the cache, and 50 into it.
  input: 175,
  output: 15,
  text,
}
const claudeMessage = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5-20250929',
  stop_sequence: null,
}
const claudeCache = { cache_creation_input_tokens: 50, cache_read_input_tokens: 100 }

const anthropic: readonly Conversation[] = [
  {
    name: 'anthropic messages',
    path: '/v1/messages',
    headers: { 'anthropic-version': '2023-06-01' },
    request: claudeRequest,
    contentType: json,
    response: JSON.stringify({
      ...claudeMessage,
      content: [{ type: 'text', text }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 25, output_tokens: 15, ...claudeCache },
    }),
    error: anthropicError,
    isStream: false,
    expected: claudeExpected,
  },
  {
    name: 'anthropic messages, streamed',
    path: '/v1/messages',
    headers: { 'anthropic-version': '2023-06-01' },
    request: { ...claudeRequest, stream: true },
    contentType: sse,
    response: namedEvents([
      {
        type: 'message_start',
        message: {
          ...claudeMessage,
          content: [],
          stop_reason: null,
          usage: { input_tokens: 25, output_tokens: 1, ...claudeCache },
        },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'ping' },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Grüße, ' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: '世界 🌍!' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 15 } },
      { type: 'message_stop' },
    ]),
    error: anthropicError,
    isStream: true,
    expected: { ...claudeExpected, chunks: 7 },
  },
]

const geminiRequest = {
  systemInstruction: { parts: [{ text: 'Be kind.' }] },
  contents: [{ role: 'user', parts: [{ text: 'Say hello, 世界' }] }],
  generationConfig: { temperature: 0.5, maxOutputTokens: 200, responseMimeType: 'text/plain' },
}
const geminiExpected = {
  operation: 'generate_content',
  provider: 'gcp.gen_ai',
  requestModel: 'gemini-2.5-flash',
  responseModel: 'gemini-2.5-flash',
  id: 'r-1',
  finishReasons: ['STOP'],
  input: 7,
  // 11 of the answer and 30 of thought.
  output: 41,
  text,
}
const piece = (part: string, counts: object, more = {}): unknown => ({
  candidates: [{ content: { parts: [{ text: part }], role: 'model' }, index: 0, ...more }],
  usageMetadata: { promptTokenCount: 7, ...counts },
  modelVersion: 'gemini-2.5-flash',
  responseId: 'r-1',
})
const totals = { candidatesTokenCount: 11, thoughtsTokenCount: 30, totalTokenCount: 48 }
const pieces = [
  piece('Grüße, ', { candidatesTokenCount: 3, thoughtsTokenCount: 30, totalTokenCount: 40 }),
  piece('世界 🌍!', { ...totals }, { finishReason: 'STOP' }),
]

const google: readonly Conversation[] = [
  {
    name: 'google generateContent',
    path: '/v1beta/models/gemini-2.5-flash:generateContent?key=AIzaSecretSecretSecret',
    request: geminiRequest,
    contentType: json,
    response: JSON.stringify(piece(text, totals, { finishReason: 'STOP' }), undefined, 2),
    error: googleError,
    isStream: false,
    expected: geminiExpected,
  },
  {
    name: 'google streamGenerateContent as events',
    path: '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse&key=AIzaSecretSecretSecret',
    request: geminiRequest,
    contentType: sse,
    response: pieces.map((value) => `data: ${JSON.stringify(value)}\r\n\r\n`).join(''),
    error: googleError,
    isStream: true,
    expected: { ...geminiExpected, chunks: 2 },
  },
  {
    name: 'google streamGenerateContent as an array',
    path: '/v1beta/models/gemini-2.5-flash:streamGenerateContent?key=AIzaSecretSecretSecret',
    request: geminiRequest,
    contentType: json,
    response: `[${pieces.map((value) => JSON.stringify(value, undefined, 2)).join(',\r\n')}\n]`,
    error: { ...googleError, body: `[${googleError.body}]` },
    isStream: true,
    expected: { ...geminiExpected, chunks: 2 },
  },
]

const others: readonly Conversation[] = [
  {
    name: 'openai embeddings',
    path: '/v1/embeddings',
    request: { model: 'text-embedding-3-small', input: ['Grüße', '世界'], dimensions: 2 },
    contentType: json,
    response: JSON.stringify({
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: [0.1, -0.2] }],
      model: 'text-embedding-3-small',
      usage: { prompt_tokens: 8, total_tokens: 8 },
    }),
    error: openaiError,
    isStream: false,
    expected: {
      operation: 'embeddings',
      provider: 'openai',
      requestModel: 'text-embedding-3-small',
      responseModel: 'text-embedding-3-small',
      input: 8,
    },
  },
  {
    name: 'openai completions',
    path: '/v1/completions',
    request: { model: 'gpt-3.5-turbo-instruct', prompt: 'Say hello, 世界' },
    contentType: json,
    response: JSON.stringify({
      id: 'cmpl-1',
      object: 'text_completion',
      model: 'gpt-3.5-turbo-instruct',
      choices: [{ text, index: 0, logprobs: null, finish_reason: 'length' }],
      usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 },
    }),
    error: openaiError,
    isStream: false,
    expected: {
      operation: 'text_completion',
      provider: 'openai',
      requestModel: 'gpt-3.5-turbo-instruct',
      responseModel: 'gpt-3.5-turbo-instruct',
      id: 'cmpl-1',
      finishReasons: ['length'],
      input: 5,
      output: 7,
      text,
    },
  },
]

/** Every format, whole and streamed. */
export const conversations: readonly Conversation[] = [...chat, ...responses, ...anthropic, ...google, ...others]

/** Returns what `fetch` is given to begin a conversation. */
export function requestOf(conversation: Conversation, headers: Readonly<Record<string, string>> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...conversation.headers, ...headers },
    body: JSON.stringify(conversation.request),
  }
}
