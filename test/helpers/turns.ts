const DAY_MS = 86_400_000;

/** `all`, or a number from which follows what is taken; that of the day unless given. */
export const turn: string = process.env['EVTGEN_TEST_TURN'] ?? String(Math.floor(Date.now() / DAY_MS));

/**
 * As many of the items as a run of all tests has the time for: others every day, so that each has its turn. The choice
 * is printed, and `EVTGEN_TEST_TURN` makes it again.
 */
export function inTurn<Item>(
  what: string,
  items: readonly Item[],
  count: number,
  at = turn,
): readonly Item[] {
  if (at === 'all' || count >= items.length) return items;
  const first = (Number(at) * count) % items.length;
  const chosen = [...items, ...items].slice(first, first + count);
  process.stderr.write(
    `${what}: ${count} of ${items.length}, EVTGEN_TEST_TURN=${at} (EVTGEN_TEST_TURN=all for all of them)\n`,
  );
  return chosen;
}
