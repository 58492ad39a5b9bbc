import type { Run } from './run.ts';
import type { Value } from './values.ts';

/** `global` and `globalThis`, on which some programs keep what all their files use. */
export function isGlobalObject(value: Value): boolean {
  return value.kind === 'external' && /^global(?:This)?$/.test(value.from) && value.steps.length === 0;
}

/** What the project put on `global` under a name, as far as it was followed. */
export function globalValue(run: Run, name: string): Value | undefined {
  return run.globals.get(name);
}
