/** The reference page: a shell around Swagger UI, which draws `/openapi.json`. Nothing in it names another address. */

/** Text of `/docs`. Each file is asked for with the version of its content, so that browsers may keep it. */
export function pageHtml(versionOf: (file: string) => string): string {
  const from = (file: string) => `docs/${file}?v=${versionOf(file)}`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>TokMesh API reference</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${from('swagger-ui.css')}">
<link rel="stylesheet" href="${from('page.css')}">
</head>
<body>
<main id="reference"><noscript>This page needs JavaScript. The document itself is at <a href="openapi.json">openapi.json</a>.</noscript></main>
<script src="${from('swagger-ui-bundle.js')}"></script>
<script src="${from('page.js')}"></script>
</body>
</html>
`
}

/**
 * What the page may load: its own origin and nothing else. Styles that the renderer sets on elements go through the
 * object model, which needs no `unsafe-inline`; its icons are `data:` images in its style sheet.
 */
export const pagePolicy: string = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  'img-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Text of `page.js`. `validatorUrl` is the one address that the renderer would call by itself. */
export const pageScript = `const dark = matchMedia('(prefers-color-scheme: dark)')
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', follow)
follow()
SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#reference',
  validatorUrl: null,
  queryConfigEnabled: false,
  persistAuthorization: false,
  deepLinking: true,
  displayOperationId: true,
  displayRequestDuration: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
})
`

/** Text of `page.css`. */
export const pageStyle = `body { margin: 0 }
html.dark-mode body { background: #1c2022 }
:focus-visible { outline: 3px solid #3b82f6; outline-offset: 2px }
.swagger-ui .opblock .opblock-summary-operation-id { font-family: monospace }
/* White on the renderer's own green and blue is hard to read. */
html:not(.dark-mode) .swagger-ui .opblock.opblock-get .opblock-summary-method { background: #1259a8 }
html:not(.dark-mode) .swagger-ui .opblock.opblock-post .opblock-summary-method { background: #17693f }
@media (max-width: 640px) {
  .swagger-ui .opblock .opblock-summary { flex-wrap: wrap }
  .swagger-ui .opblock .opblock-summary-operation-id { display: block }
}
`
