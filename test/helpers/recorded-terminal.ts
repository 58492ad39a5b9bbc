import type { Terminal } from '../../src/ui/terminal.ts';

/** A terminal that keeps what is written to it. */
export interface RecordedTerminal extends Terminal {
  readonly results: string[];
  readonly notes: string[];
  /** What the last line showed, one after the other. */
  readonly shown: (string | null)[];
}

export function recordedTerminal(cwd: string, more: Partial<Terminal> = {}): RecordedTerminal {
  const [results, notes, shown]: [string[], string[], (string | null)[]] = [[], [], []];
  return {
    cwd,
    env: {},
    isInteractive: false,
    columns: 80,
    result: (line) => void results.push(line),
    note: (line) => void notes.push(line),
    progress: (text) => void shown.push(text),
    ...more,
    results,
    notes,
    shown,
  };
}
