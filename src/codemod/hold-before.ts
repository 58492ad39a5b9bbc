import { ts } from '../scan/project.ts';
import { isQuestioned } from './absence.ts';
import type { Demand } from './event-data.ts';
import type { Held, Refusal } from './hold.ts';
import { freeName } from './names.ts';
import type { Program } from './program.ts';
import { rowsIn, stepText, type Row } from './rows.ts';
import { isTableOf } from './sql.ts';
import { enclosingFunction } from './syntax.ts';
import type { Value } from './value.ts';
import type { WriteCall } from './writes.ts';

/** The row of an event whose write gives none back: a deletion, of which the function knows what it was. */
export function holdBefore(program: Program, write: WriteCall, value: Value, demand: Demand): Held | Refusal {
  const row = knownBefore(program, write, demand);
  if (row === null) return refuse('nothing there holds the written row');
  const { table, countPath } = write.effect;
  const [resource = ''] = demand.eventType.split('.');
  // An article that is there says nothing of the favorites that are deleted with it in hand.
  const isProven = isTableOf(table, resource) || isRemovedAsRead(program, write);
  if (!isProven && countPath === undefined) return refuse('nothing tells whether the deletion finds a row');
  const isNamed = value.context !== 'alone' || !isProven;
  const name = isNamed ? freeName(write.node, ['result', 'outcome']) : null;
  if (isNamed && name === null) return refuse('every usual name of a result is taken there');
  const count =
    name === null || countPath === undefined ? undefined : name + countPath.map(stepText).join('');
  const isGuarded = !isProven || isCountAsked(write, value);
  return {
    lead: name === null ? '' : `const ${name} = `,
    result: value.context === 'alone' ? null : name,
    row,
    outer: null,
    origin: 'before',
    // Once it is removed, its id is gone.
    isToldFirst: row.expression === write.effect.spoiled?.getText(),
    asked: isGuarded ? count : undefined,
  };
}

/** What a deleted row was, as the function has read it before. */
function knownBefore(program: Program, write: WriteCall, { eventType }: Demand): Row | null {
  const owner = enclosingFunction(write.node);
  if (write.effect.verb !== 'delete' || owner === null) return null;
  const [resource = ''] = eventType.split('.');
  const rows = rowsIn(program, owner).filter(
    ({ table, ready, expression }) =>
      isTableOf(table, resource) &&
      ready.end < write.node.pos &&
      // Of several rows that were read, the first is meant only where the code takes it.
      (!expression.endsWith('[0]') || owner.getText().includes(expression)),
  );
  const [only, second] = rows;
  return second === undefined ? (only ?? null) : null;
}

/** `remove(favorite)`, which was read before. */
function isRemovedAsRead(program: Program, { effect, node }: WriteCall): boolean {
  const owner = enclosingFunction(node);
  const text = effect.spoiled?.getText();
  if (owner === null || text === undefined) return false;
  return rowsIn(program, owner).some(({ expression, ready }) => expression === text && ready.end < node.pos);
}

/** Where the code after a deletion asks for its count, it may have deleted nothing. */
function isCountAsked(write: WriteCall, { binding, node }: Value): boolean {
  const owner = enclosingFunction(write.node);
  const { countPath } = write.effect;
  if (owner === null || countPath === undefined || binding === null || !ts.isIdentifier(binding))
    return false;
  return isQuestioned([binding.text + countPath.map(stepText).join('')], owner, node.end);
}

function refuse(reason: string): Refusal {
  return { kind: 'refusal', reason };
}
