import { optionsOf, type Value } from './values.ts';

/** What a loop over the value meets; null where only the running program knows. */
export function iterated(value: Value): readonly Value[] | null {
  const items: Value[] = [];
  for (const option of optionsOf(value)) {
    const own =
      option.kind === 'list' ? option.items : option.kind === 'native' ? option.items?.() : undefined;
    if (own === undefined) return null;
    items.push(...own);
  }
  return items;
}
