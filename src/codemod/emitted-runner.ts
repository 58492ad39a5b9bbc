import { ts } from '../scan/project.ts';
import { isTaken, specifierFor, type EventsTarget } from './events-import.ts';
import { insertImport } from './insert.ts';
import type { Wrapping } from './orms/orm.ts';
import { replaced } from './orms/replaced.ts';
import { isPool } from './own-runner.ts';
import type { Program } from './program.ts';
import type { WriteCall } from './writes.ts';

/** `inTransaction(pool, async (client) => …)`: pg itself has no call that runs a function in a transaction. */
const RUNNER = 'inTransaction';
const MODULE = 'stores/in-transaction';
const IMPORTED = new RegExp(`\\b${RUNNER}\\b[^;'"]*['"][^'"]*/${MODULE}(?:\\.[cm]?[jt]s)?['"]`);

/** The transaction that the emitted code has for pools of pg, around a write on one; null for any other write. */
export function wrapInEmittedRunner(
  program: Program,
  target: EventsTarget,
  { orm, handleNode }: WriteCall,
): Wrapping | string | null {
  if (orm.id !== 'pg' || handleNode === undefined || !isPool(program, handleNode)) return null;
  const source = handleNode.getSourceFile();
  const isImported = IMPORTED.test(source.text);
  if (!isImported && isTaken(source, RUNNER)) return `\`${RUNNER}\` is already another name in this file`;
  const specifier = specifierFor(program, target, source, MODULE);
  return {
    open: `${RUNNER}(${handleNode.getText()}, `,
    handle: 'client',
    imports: isImported ? [] : [insertImport(source, RUNNER, specifier)],
    bind: (handle) => replaced(handleNode, handle),
  };
}

/** Whether it is the emitted one that a name stands for. */
export function isEmittedRunner(name: ts.Node): boolean {
  return ts.isIdentifier(name) && name.text === RUNNER && IMPORTED.test(name.getSourceFile().text);
}
