import type { EvtgenError } from '../ui/errors.ts';
import { isUncheckable } from './causes.ts';
import type { Verdict } from './verdict.ts';

/** Where the time came from that a message was judged at. */
export type NowSource = 'flag' | 'capture' | 'clock';

/** One checked message; reporters render these and nothing else. */
export interface Checked extends Verdict {
  readonly source: string;
  /** The file to annotate; null for stdin and for what was put together from flags. */
  readonly file: string | null;
  /** What to do about the first cause. */
  readonly fix: string | null;
  /** ISO 8601. */
  readonly now: string;
  readonly nowSource: NowSource;
}

/** A file that is no capture. */
export interface NotRead {
  readonly source: string;
  readonly file: string | null;
  readonly error: EvtgenError;
}

export type Result = Checked | NotRead;

export type State = 'good' | 'bad' | 'not checked';

/**
 * A message that was checked and found wanting is a finding. One whose headers cannot be read was not checked at all,
 * like a file that is no capture.
 */
export function stateOf(result: Result): State {
  if ('error' in result) return 'not checked';
  if (result.ok) return 'good';
  return result.code !== null && isUncheckable(result.code) ? 'not checked' : 'bad';
}

export function codeOf(result: Result): string {
  return 'error' in result ? result.error.code : (result.code ?? 'ok');
}

export function messageOf(result: Result): string {
  if ('error' in result) return result.error.message;
  const [first, ...more] = result.causes;
  return first === undefined ? result.message : [first, ...more].map(({ message }) => message).join('; and ');
}

/** `3 messages: 2 good, 1 bad` */
export function summaryOf(results: readonly Result[]): string {
  const count = (state: State): number => results.filter((result) => stateOf(result) === state).length;
  const parts = (['good', 'bad', 'not checked'] as const)
    .map((state) => [count(state), state] as const)
    .filter(([number, state]) => number > 0 || state === 'good')
    .map(([number, state]) => `${number} ${state}`);
  return `${results.length} message${results.length === 1 ? '' : 's'}: ${parts.join(', ')}`;
}
