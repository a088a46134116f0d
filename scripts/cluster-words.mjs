// What `npm run cluster` shows: the lines of the nodes' logs, short, and what can be tried.
import { createInterface } from 'node:readline'

/** Hands on each line of a stream; a record of the log as `INFO tokmesh.server ready duration_ms=512`. */
export function linesOf(stream, write) {
  createInterface({ input: stream }).on('line', (line) => write(shortened(line)))
}

function shortened(line) {
  try {
    const { timestamp, level, logger, message, ...fields } = JSON.parse(line)
    // Lists and objects are for machines.
    const plain = Object.entries(fields).filter(([, value]) => typeof value !== 'object')
    const rest = plain.map(([name, value]) => `${name}=${value}`)
    return [level, logger, message, ...rest].join(' ')
  } catch {
    return line
  }
}

/** The keys, and commands that can be pasted as they are. */
export function tryOut({ ports: [first, second, third], secrets, url, pid }) {
  const key = '-H "Authorization: Bearer $ADMIN"'
  return `
Three nodes are ready, on one PostgreSQL (${url}). In another shell:

  export ADMIN='${secrets.admin}'
  export METRICS='${secrets.metrics}'

  # a session, made at the first node
  MADE=$(curl -s --json '{"user_id":"ada"}' ${key} http://127.0.0.1:${first}/sessions); echo "$MADE"
  SESSION=$(echo "$MADE" | grep -o 'tmss-[0-9a-z]*') TOKEN=$(echo "$MADE" | grep -o 'tmtk_[A-Za-z0-9_-]*')

  # is valid at the second,
  curl -s --json "{\\"token\\":\\"$TOKEN\\"}" ${key} http://127.0.0.1:${second}/tokens/validate; echo

  # and, revoked there with the confirmation of a majority,
  curl -s --json '{"sync":true}' ${key} http://127.0.0.1:${second}/sessions/$SESSION/revoke; echo

  # is refused at the third
  curl -s --json "{\\"token\\":\\"$TOKEN\\"}" ${key} http://127.0.0.1:${third}/tokens/validate; echo

  # who is there, and what was measured
  curl -s ${key} http://127.0.0.1:${first}/admin/v1/cluster/nodes; echo
  curl -s -H "Authorization: Bearer $METRICS" http://127.0.0.1:${first}/metrics | grep ^tokmesh_cluster

  # end the third the hard way, and look again after six seconds
  kill -9 ${pid}

Ctrl-C stops all.
`
}
