import { allEmits } from './find-emit.ts';
import type { Program } from './program.ts';
import type { Orphan } from './unwire.ts';
import { planWiring, type Wiring, type WiringInput } from './wire.ts';

/** Whether a mutation emits the event that the catalog gives it. */
export interface MutationWiring {
  /** `METHOD /path`, the key of the catalog. */
  readonly mutation: string;
  readonly eventType: string;
  /**
   * - `wired`: the handler reaches an emit call of its event.
   * - `elsewhere`: no other mutation reaches one either, but the project has one: behind a queue, say.
   * - `not_wired`: there is none, and `generate --wire` would put it in.
   * - `not_atomic`: there is none, and `generate --wire=all` would put it in, around several writes that are not
   *   atomic today.
   * - `by_hand`: there is none, and where it belongs is for a person to decide.
   */
  readonly state: 'wired' | 'elsewhere' | 'not_wired' | 'not_atomic' | 'by_hand';
  /** Where the call is, or where it belongs as far as that is known; relative to the project. */
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

export interface WiringStates {
  readonly mutations: readonly MutationWiring[];
  /** Every event type that the project's own code emits. */
  readonly emitted: ReadonlySet<string>;
  /** Emit calls of events that are gone from the catalog. */
  readonly orphans: readonly Orphan[];
}

/** Looks for the emit call of every mutation that the catalog gives an event. */
export function readWiringStates(
  input: Omit<WiringInput, 'isAll' | 'isUnwiring' | 'beside'>,
  program: Program,
): WiringStates {
  const emits = allEmits(program).map(({ eventType, call }) => ({ eventType, ...program.place(call) }));
  const { wirings, orphans } = planWiring({ ...input, isAll: false, isUnwiring: false, beside: [] }, program);
  const reached = wirings.filter(({ outcome }) => outcome === 'already');
  const elsewhere = (eventType: string) =>
    emits.find((emit) => emit.eventType === eventType && !reached.some((wiring) => isAt(wiring, emit)));
  return {
    mutations: wirings.map(({ mutation, eventType, outcome, file, line, reason }): MutationWiring => {
      const base = { mutation, eventType };
      if (outcome === 'already') return { ...base, state: 'wired', file, line, reason };
      const other = elsewhere(eventType);
      if (other !== undefined) {
        const { file: otherFile, line: otherLine } = other;
        const reason = 'the call is there, but the handler was not seen to lead to it';
        return { ...base, state: 'elsewhere', file: otherFile, line: otherLine, reason };
      }
      const state = outcome === 'by_hand' || outcome === 'not_atomic' ? outcome : 'not_wired';
      return { ...base, state, file, line, reason };
    }),
    emitted: new Set(emits.map(({ eventType }) => eventType)),
    orphans,
  };
}

function isAt(
  wiring: Wiring,
  { eventType, file, line }: { eventType: string; file: string; line: number },
): boolean {
  return wiring.eventType === eventType && wiring.file === file && wiring.line === line;
}
