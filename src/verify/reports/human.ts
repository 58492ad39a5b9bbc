import type { Terminal } from '../../ui/terminal.ts';
import { codeOf, messageOf, stateOf, summaryOf, type Result } from '../result.ts';

/** One line a message, its code, and a hint; with the sources and a summary line where that is asked for. */
export function reportForPeople(results: readonly Result[], terminal: Terminal, hasSources: boolean): void {
  for (const result of results) {
    const state = stateOf(result);
    const headline = state === 'not checked' ? state : `${state} signature`;
    terminal.result(`${hasSources ? `${result.source}: ` : ''}${headline}: ${messageOf(result)}`);
    if (state === 'good') continue;
    terminal.result(`${hasSources ? '  ' : ''}code: ${codeOf(result)}`);
    if ('error' in result) continue;
    if (result.code === 'timestamp_too_old' || result.code === 'timestamp_too_new') {
      terminal.note(`judged at ${result.now} (${NOW_WORDS[result.nowSource]})`);
    }
    if (result.fix !== null) terminal.note(`hint: ${result.fix}`);
  }
  if (hasSources) terminal.result(summaryOf(results));
}

const NOW_WORDS = {
  flag: '--now',
  capture: 'when the capture was received',
  clock: "this machine's clock",
} as const;
