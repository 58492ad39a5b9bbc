import type { Terminal } from './terminal.ts';

const WIDTH = 24;
const REDRAW_MS = 80;

/** How far long work is, in the last line of a terminal. */
export interface ProgressBar {
  /** @param total undefined where it is not known */
  show(done: number, total: number | undefined, note?: string): void;
  end(): void;
}

export function createProgressBar(terminal: Pick<Terminal, 'progress'>): ProgressBar {
  let drawnAt = -Infinity;
  return {
    show(done, total, note = '') {
      const now = performance.now();
      if (now - drawnAt < REDRAW_MS && done !== total) return;
      drawnAt = now;
      terminal.progress(`${barText(done, total)}  ${note}`.trimEnd());
    },
    end: () => terminal.progress(null),
  };
}

function barText(done: number, total: number | undefined): string {
  if (total === undefined || total === 0) return String(done);
  const filled = Math.min(WIDTH, Math.floor((done / total) * WIDTH));
  return `[${'#'.repeat(filled)}${'-'.repeat(WIDTH - filled)}] ${done} of ${total}`;
}
