import type { Terminal } from '../ui/terminal.ts';

/** Tells the story: one numbered line a step, then what was checked and which file to look at. */
export interface Narrator {
  /** Starts the next step. */
  step(title: string): void;
  /** Something that was done or seen in the current step. */
  did(text: string): void;
  /** A file worth opening, relative to the demo's folder. */
  look(file: string): void;
}

export function createNarrator(terminal: Terminal): Narrator {
  let count = 0;
  return {
    step: (title) => {
      count += 1;
      terminal.result(`${count === 1 ? '' : '\n'}${count}. ${title}`);
    },
    did: (text) => terminal.result(`   ${text}`),
    look: (file) => terminal.result(`   → look at ${file}`),
  };
}
