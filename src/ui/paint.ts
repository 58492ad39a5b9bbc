import { Chalk, supportsColor, type ChalkInstance } from 'chalk';
import type { Terminal } from './terminal.ts';

/** Whether stdout gets colours: where chalk finds that it can show them and NO_COLOR is not set to anything. */
export function hasColors(terminal: Terminal): boolean {
  return supportsColor !== false && !terminal.env['NO_COLOR'];
}

export function createPaint(terminal: Terminal): ChalkInstance {
  return new Chalk({ level: hasColors(terminal) ? 1 : 0 });
}
