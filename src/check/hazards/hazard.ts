/** How a handler may lose or invent an event today, whether evtgen is used or not. */
export const RULES = ['sent_in_transaction', 'sent_before_write', 'not_awaited'] as const;

/** With `unused_ignore`: a comment that silences none of them. */
export type HazardRule = (typeof RULES)[number] | 'unused_ignore';

export interface Hazard {
  readonly rule: HazardRule;
  readonly message: string;
  /** Relative to the project. */
  readonly file: string;
  readonly line: number;
  /** What to do instead. */
  readonly fix: string;
}
