/** The names that somebody may have meant, the likeliest first; three at most. */
export function nearest(wanted: string, names: readonly string[]): string[] {
  const judged = names
    .map((name) => ({ name, distance: name.startsWith(wanted) ? 0 : editDistance(wanted, name) }))
    .toSorted((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  const least = judged[0]?.distance ?? 0;
  // Where one is as good as right, those that are a little worse are not meant.
  const allowed = Math.min(Math.max(2, Math.floor(wanted.length / 3)), least < 2 ? least : least + 1);
  return judged
    .filter(({ distance }) => distance <= allowed)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** Levenshtein: how many characters have to be added, taken away or replaced. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
