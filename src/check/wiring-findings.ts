import type { MutationWiring, WiringStates } from '../codemod/wiring-state.ts';
import type { Finding } from './finding.ts';

/** A finding for each mutation that emits nothing, and for each emit call of an event that is gone. */
export function wiringFindings({ mutations, orphans }: WiringStates): Finding[] {
  const missing = mutations.flatMap((wiring): Finding[] => {
    const fix = fixOf(wiring);
    if (fix === null) return [];
    const { mutation, eventType, file, line } = wiring;
    const message = `${mutation} is to emit ${eventType}, and does not`;
    return [{ rule: 'missing_emit', message, file, line, fix }];
  });
  const gone = orphans.map(({ eventType, file, line }): Finding => ({
    rule: 'orphan_emit',
    message: `${eventType} is emitted, and is not in the catalog`,
    file,
    line,
    fix: 'run "evtgen generate --wire --unwire" to take the call away, or give the catalog its event type',
  }));
  return [...missing, ...gone];
}

function fixOf({ state, reason }: MutationWiring): string | null {
  switch (state) {
    case 'wired':
    case 'elsewhere':
      return null;
    case 'not_wired':
      return 'run "evtgen generate --wire", or decide against the event in the catalog';
    case 'not_atomic':
      return `run "evtgen generate --wire=all" to put its writes into one transaction (${reason})`;
    case 'by_hand':
      return `by hand, since ${reason}: "evtgen generate --wire --dry-run" prints the call`;
  }
}
