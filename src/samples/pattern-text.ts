import { createRequire } from 'node:module';
import type * as FastCheck from 'fast-check';
import type { Draw } from './draw.ts';

const TRIES = 64;

/** A text that a regular expression matches and `accepts` takes; undefined where none is found. */
export function patternText(
  pattern: string,
  draw: Draw,
  accepts: (text: string) => boolean,
): string | undefined {
  // Hardly a schema needs it, and it takes a while to load.
  const { sample, stringMatching } = createRequire(import.meta.url)('fast-check') as typeof FastCheck;
  const seed = draw.between(0, 0x7f_ff_ff_ff);
  try {
    const texts = sample(stringMatching(new RegExp(pattern, 'u'), { size: 'small' }), {
      seed,
      numRuns: TRIES,
    });
    const accepted = texts.filter(accepts);
    return accepted.find((text) => /^[ -~]+$/.test(text)) ?? accepted[0];
  } catch {
    // It refuses what it has no generator for, look-arounds for example, with errors of its own words.
    return undefined;
  }
}
