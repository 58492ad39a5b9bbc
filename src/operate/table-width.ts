import type { Terminal } from '../ui/terminal.ts';

/** Infinite in a pipe, where nothing is cut. */
export function tableWidth({ isInteractive, columns }: Pick<Terminal, 'isInteractive' | 'columns'>): number {
  return isInteractive ? columns : Number.POSITIVE_INFINITY;
}
