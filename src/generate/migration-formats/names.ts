/**
 * Names for new migrations that sort after the existing ones, in the same style: `0007_x.sql`, `12-x.sql`,
 * `20260102030405_x.sql`, `V7__x.sql`, `0007_x.up.sql`.
 * @param topics what each is about, e.g. `evtgen-event-log`.
 * @param now numbers migrations in a project that uses time stamps.
 */
export function nameMigrations(names: readonly string[], topics: readonly string[], now: Date): string[] {
  const styles = names
    .map((name) => /^([vV]?)(\d+)(__|[_-])(.*?)((?:\.up)?\.sql)$/.exec(name))
    .filter((match) => match !== null)
    .toSorted((a, b) => Number(a[2]) - Number(b[2]));
  const [, letter = '', last = '0000', separator = '_', topicOfLast = '', extension = '.sql'] =
    styles.at(-1) ?? [];
  const stamp = stampLike(last, now);
  const first = stamp > last ? BigInt(stamp) : BigInt(last) + 1n;
  const usesDashes = separator === '-' || topicOfLast.includes('-');
  return topics.map((topic, index) => {
    const number = String(first + BigInt(index)).padStart(last.length, '0');
    return `${letter}${number}${separator}${usesDashes ? topic : topic.replaceAll('-', '_')}${extension}`;
  });
}

/** The time in the form of a number that is one: `20260102030405`, or milliseconds; '' for a number that counts. */
function stampLike(number: string, now: Date): string {
  if (number.length === 13) return String(now.getTime());
  return number.length === 14 ? now.toISOString().replaceAll(/\D/g, '').slice(0, 14) : '';
}
