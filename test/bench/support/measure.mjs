/** The middle value. */
export function median(values) {
  return percentile(values, 0.5);
}

/** @param share 0.99 for the 99th percentile; between two values it interpolates */
export function percentile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const above = Math.ceil(place);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}

/**
 * The median of the ratios of what was measured in the same round: a busy minute slows both of a pair alike, so
 * ratios hold where rates do not.
 */
export function pairedRatio(values, bases) {
  return median(values.map((value, round) => value / bases[round]));
}

/** The middle half of the paired ratios, as text: how far they can be trusted. */
export function ratioSpread(values, bases) {
  const ratios = values.map((value, round) => value / bases[round]);
  return `${percentile(ratios, 0.25).toFixed(2)} to ${percentile(ratios, 0.75).toFixed(2)}`;
}

/** Runs every variant once a round, each second round backwards, so that none always follows the same one. */
export async function interleave(names, rounds, run) {
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) results[name].push(await run(name));
  }
  return results;
}

/** Prints rows as a Markdown table; the first one is the heading. */
export function printTable([heading, ...rows]) {
  const print = (cells) => process.stdout.write(`| ${cells.join(' | ')} |\n`);
  print(heading);
  print(heading.map(() => '---'));
  for (const row of rows) print(row);
  process.stdout.write('\n');
}

/** Processor time of this process in microseconds. */
export function processorTime() {
  const { user, system } = process.cpuUsage();
  return user + system;
}
