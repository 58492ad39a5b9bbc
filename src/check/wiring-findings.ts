import type { MutationWiring } from '../codemod/wiring-state.ts';
import type { Finding } from './finding.ts';

/** A finding for each mutation that changes something and emits nothing. */
export function wiringFindings(mutations: readonly MutationWiring[]): Finding[] {
  return mutations
    .filter(({ state }) => state === 'not_wired' || state === 'by_hand')
    .map(({ mutation, eventType, state, file, line, reason }) => ({
      rule: 'missing_emit',
      message: `${mutation} is to emit ${eventType}, and does not`,
      file,
      line,
      fix:
        state === 'not_wired'
          ? 'run "evtgen generate --wire", or decide against the event in the catalog'
          : `by hand, since ${reason}: "evtgen generate --wire --dry-run" prints the call`,
    }));
}
