const DAY_MS = 86_400_000;

/** `all`, or a number from which follows what is taken; that of the day unless given. */
const turn = process.env['EVTGEN_TEST_TURN'] ?? String(Math.floor(Date.now() / DAY_MS));

/**
 * As many of the items as a run of all tests has the time for: others every day, so that each has its turn. The choice
 * is printed, and `EVTGEN_TEST_TURN` makes it again.
 */
export function inTurn<Item>(what: string, items: readonly Item[], count: number): readonly Item[] {
  const chosen = takenAt(turn, items, count);
  if (chosen.length < items.length) {
    const how = `EVTGEN_TEST_TURN=${turn}, or all for every one`;
    process.stderr.write(`${what}: ${chosen.length} of ${items.length} (${how})\n`);
  }
  return chosen;
}

export function takenAt<Item>(at: string, items: readonly Item[], count: number): readonly Item[] {
  if (at === 'all' || count >= items.length) return items;
  const first = (Number(at) * count) % items.length;
  return [...items, ...items].slice(first, first + count);
}
