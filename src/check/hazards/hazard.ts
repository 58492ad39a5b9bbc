/** How a handler may lose or invent an event today, whether evtgen is used or not. */
export type HazardRule = 'sent_in_transaction' | 'sent_before_write' | 'not_awaited';

export interface Hazard {
  readonly rule: HazardRule;
  readonly message: string;
  /** Relative to the project. */
  readonly file: string;
  readonly line: number;
  /** What to do instead. */
  readonly fix: string;
}
