import { RULES, type HazardRule } from './hazards/hazard.ts';

/** What `check` can find, as its reports name it. */
export type Rule =
  | HazardRule
  | 'undecided_mutation'
  | 'returned_mutation'
  | 'gone_mutation'
  | 'orphan_event_type'
  | 'orphan_schema'
  | 'missing_emit'
  | 'orphan_emit'
  | 'generated_file_drift'
  | 'breaking_change';

/** One thing that is to be put right before the contract, the code and the generated files say the same again. */
export interface Finding {
  readonly rule: Rule;
  readonly message: string;
  /** Relative to the checked folder, with forward slashes. */
  readonly file: string;
  /** From 1. */
  readonly line?: number | undefined;
  /** What to do about it. */
  readonly fix: string;
}

/** What no longer agrees is an error; what was wrong before evtgen came is a warning, which the team may live with. */
export function levelOf({ rule }: Pick<Finding, 'rule'>): 'error' | 'warning' {
  const isWarning = rule === 'unused_ignore' || RULES.some((one) => one === rule);
  return isWarning ? 'warning' : 'error';
}
