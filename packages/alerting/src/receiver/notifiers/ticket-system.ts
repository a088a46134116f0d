/** A ticket that there is. */
export interface Ticket {
  /** As the system names it. */
  readonly id: string
  readonly open: boolean
}

/** A ticket that there is to be. */
export interface TicketDraft {
  /** The incident's; a ticket has one, and no two tickets have the same. */
  readonly key: string
  readonly title: string
  /** Plain text of many lines, from labels and annotations: the system encodes it. */
  readonly text: string
  /** Absolute, safe to show. */
  readonly links: readonly { readonly title: string; readonly url: string }[]
}

/** A comment that there is to be. */
export interface TicketComment {
  /** No two comments have the same. */
  readonly key: string
  readonly text: string
  /** It can't have been made before. Milliseconds since the epoch. */
  readonly sinceMs: number
}

/** Where tickets are kept. Write one for yours: {@link githubIssues} is an example. */
export interface TicketSystem {
  /** Resolves to the tickets of these keys, without those that have none. They were opened after `sinceMs`. */
  find(keys: readonly string[], sinceMs: number, signal: AbortSignal): Promise<ReadonlyMap<string, Ticket>>
  /** Opens a ticket. */
  open(draft: TicketDraft, signal: AbortSignal): Promise<Ticket>
  /** Adds a comment, unless the ticket has one of this key. */
  comment(ticketId: string, comment: TicketComment, signal: AbortSignal): Promise<void>
  /** Closes the ticket; one that is closed stays so. */
  close(ticketId: string, signal: AbortSignal): Promise<void>
}
