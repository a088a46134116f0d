import type { Alert, Incident } from './alert.ts'

/** What an alert means, held against what is known of its fingerprint. */
export interface Judgement {
  /**
   * `new`: an incident begins or ends, and somebody is to be told. `duplicate`: that was told already. `stale`: it is
   * about an incident before the known one.
   */
  readonly verdict: 'new' | 'duplicate' | 'stale'
  /** What is known from now on; `undefined`: what was known before. */
  readonly incident: Incident | undefined
}

/** Judges an alert. Of a fingerprint that is not known `known` is `undefined`. */
export type Judge = (known: Incident | undefined, alert: Alert) => Judgement

/** @see judgeWith */
export interface JudgeOptions {
  /** Milliseconds since the epoch. */
  readonly nowMs: number
  /** For how long after the news of an end the same incident's "firing" is taken as late, in milliseconds. */
  readonly lateMs: number
  /** Makes an id for an incident. */
  readonly newId: () => string
}

/**
 * Returns the judge of one delivery. It is a pure function of what is known, the alert and these options, so that any
 * number of Alertmanagers may deliver the same, in any order and as often as they like. Where it can't tell, it tells:
 * an alert that is told twice costs less than one that is lost.
 */
export function judgeWith(options: JudgeOptions): Judge {
  return (known, alert) => {
    if (known === undefined) return told(alert, options, options.newId())
    return alert.status === 'firing' ? firing(known, alert, options) : resolved(known, alert, options)
  }
}

function firing(known: Incident, alert: Alert, options: JudgeOptions): Judgement {
  if (known.status === 'firing') {
    // It began after the other was last heard of: the end of the other never reached us.
    const another = alert.startsAt > known.seenAt && alert.startsAt !== known.startsAt
    if (another) return told(alert, options, options.newId())
    return { verdict: 'duplicate', incident: { ...known, seenAt: Math.max(known.seenAt, options.nowMs) } }
  }
  if (alert.startsAt > (known.endsAt ?? 0)) return told(alert, options, options.newId())
  // It began before the end that was told. From an Alertmanager that is behind the others it comes soon after; later
  // it is one that was cut off from Prometheus, took the silence for the end, and now hears that it goes on.
  // Also by a clock that was put back: soon after is near, and not just "not yet".
  const late = Math.abs(options.nowMs - known.seenAt) < options.lateMs
  return late ? { verdict: 'duplicate', incident: undefined } : told(alert, options, options.newId())
}

function resolved(known: Incident, alert: Alert, options: JudgeOptions): Judgement {
  const endsAt = alert.endsAt ?? options.nowMs
  if (known.status === 'firing') {
    // With its own start it is the end of this one, however early: a pager must not stay open.
    if (endsAt < known.startsAt && alert.startsAt !== known.startsAt) return { verdict: 'stale', incident: undefined }
    return {
      verdict: 'new',
      incident: { ...known, status: 'resolved', endsAt, seenAt: Math.max(known.seenAt, options.nowMs) },
    }
  }
  // A whole incident after the known one: its begin never reached us.
  if (alert.startsAt > (known.endsAt ?? 0)) return told(alert, options, options.newId())
  return { verdict: endsAt < known.startsAt ? 'stale' : 'duplicate', incident: undefined }
}

function told({ fingerprint, status, startsAt, endsAt }: Alert, { nowMs }: JudgeOptions, id: string): Judgement {
  const end = status === 'firing' ? undefined : (endsAt ?? nowMs)
  return { verdict: 'new', incident: { id, fingerprint, status, startsAt, endsAt: end, seenAt: nowMs } }
}
