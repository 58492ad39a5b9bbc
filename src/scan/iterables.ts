import { optionsOf, type Value } from './values.ts';

/** Lists that grow beyond this tell nothing about routes; what comes after is dropped. */
export const MAX_ITEMS = 10_000;

/** What a loop over the value meets; null where only the running program knows. */
export function iterated(value: Value): readonly Value[] | null {
  const items: Value[] = [];
  for (const option of optionsOf(value)) {
    const own =
      option.kind === 'list' ? option.items : option.kind === 'native' ? option.items?.() : undefined;
    if (own === undefined) return null;
    for (const item of own) {
      if (items.length === MAX_ITEMS) return items;
      items.push(item);
    }
  }
  return items;
}
