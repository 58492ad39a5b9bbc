import { callValue } from './call.ts';
import { looksRegistering } from './dynamic.ts';
import type { ts } from './project.ts';
import { MAX_LOOP_TURNS, reportOpenLoop, type Run } from './run.ts';
import {
  list,
  literal,
  native,
  text,
  textParts,
  truth,
  UNDEFINED,
  unknown,
  type ListValue,
  type Value,
} from './values.ts';

/** A member of an array; undefined where arrays have none of that name or it is of no use to routing. */
export function listMember(run: Run, owner: ListValue, name: string, node: ts.Node): Value | undefined {
  const { items } = owner;
  if (/^\d+$/.test(name)) return items[Number(name)] ?? UNDEFINED;
  const each = (callback: Value | undefined): Value[] => {
    if (owner.isOpen === true && callback?.kind === 'function' && looksRegistering(callback.node)) {
      reportOpenLoop(run, node);
    }
    return items
      .slice(0, MAX_LOOP_TURNS)
      .map((item, index) => callValue(run, callback ?? UNDEFINED, [item, literal(index), owner], node));
  };
  switch (name) {
    case 'length':
      return literal(items.length);
    case 'forEach':
      return native(([callback]) => {
        each(callback);
        return UNDEFINED;
      });
    case 'map':
      return native(([callback]) => list(each(callback)));
    case 'flatMap':
      return native(([callback]) => list(each(callback).flatMap(flat)));
    case 'flat':
      return native(() => list(items.flatMap(flat)));
    case 'filter':
      return native(([callback]) => {
        const verdicts = each(callback);
        return list(items.filter((_, index) => truth(verdicts[index] ?? UNDEFINED) !== false));
      });
    case 'find':
      return native(([callback]) => {
        const verdicts = each(callback);
        const found = verdicts.findIndex((verdict) => truth(verdict) === true);
        return items[found] ?? unknown('find');
      });
    case 'reduce':
      return native(([callback, initial]) => {
        const [first, ...rest] = initial === undefined ? items : [initial, ...items];
        let result = first ?? UNDEFINED;
        for (const item of rest.slice(0, MAX_LOOP_TURNS)) {
          result = callValue(run, callback ?? UNDEFINED, [result, item], node);
        }
        return result;
      });
    case 'push':
      return native((args) => {
        items.push(...args);
        return literal(items.length);
      });
    case 'unshift':
      return native((args) => {
        items.unshift(...args);
        return literal(items.length);
      });
    case 'concat':
      return native((args) => list([...items, ...args.flatMap(flat)]));
    case 'slice':
      return native(([start, end]) => list(items.slice(indexOf(start), indexOf(end))));
    case 'reverse':
      return native(() => list([...items].reverse()));
    case 'sort':
    case 'values':
      return native(() => owner);
    case 'entries':
      return native(() => list(items.map((item, index) => list([literal(index), item]))));
    case 'includes':
      return native(([wanted]) => includes(items, wanted));
    case 'indexOf':
      return native(([wanted]) => position(items, wanted));
    case 'some':
      return native(([callback]) => anyTrue(each(callback), true));
    case 'every':
      return native(([callback]) => anyTrue(each(callback), false));
    case 'join':
      return native(([separator]) => {
        const parts = items.flatMap((item, index) => [
          ...(index === 0 ? [] : separator === undefined ? [','] : textParts(separator)),
          ...textParts(item),
        ]);
        return text(parts, items);
      });
    default:
      return undefined;
  }
}

function flat(value: Value): readonly Value[] {
  return value.kind === 'list' ? value.items : [value];
}

function indexOf(value: Value | undefined): number | undefined {
  return value?.kind === 'literal' && typeof value.value === 'number' ? value.value : undefined;
}

function includes(items: readonly Value[], wanted: Value | undefined): Value {
  if (wanted?.kind !== 'literal') return unknown('includes');
  const isFound = items.some((item) => item.kind === 'literal' && item.value === wanted.value);
  const isCertain = isFound || items.every((item) => item.kind === 'literal');
  return isCertain ? literal(isFound) : unknown('includes');
}

function position(items: readonly Value[], wanted: Value | undefined): Value {
  if (wanted?.kind !== 'literal' || items.some((item) => item.kind !== 'literal')) return unknown('indexOf');
  return literal(items.findIndex((item) => item.kind === 'literal' && item.value === wanted.value));
}

/** Of `some` whether one verdict is true, of `every` whether none is false. */
function anyTrue(verdicts: readonly Value[], isSome: boolean): Value {
  const decided = verdicts.map(truth);
  if (decided.includes(isSome)) return literal(isSome);
  return decided.includes(null) ? unknown(isSome ? 'some' : 'every') : literal(!isSome);
}
