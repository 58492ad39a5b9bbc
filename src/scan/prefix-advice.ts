import { missingPrefixes, withPrefixes, type MissingPrefix, type Prefixes } from './prefixes.ts';
import type { FlatRoute } from './route-graph.ts';

/** What stands for a prefix that the user has to fill in; the config refuses it. */
const PLACEHOLDER = '/…';

/** More lines than this are more than one wants to write by hand. */
const MAX_LINES = 12;

/** Says which lines of `evtgen.config.json` would complete partial paths, and which of those given complete none. */
export function adviceFor(
  routes: readonly FlatRoute[],
  prefixes: Prefixes,
  used: ReadonlySet<string>,
): string[] {
  const advice: string[] = [];
  const say = (line: string): void => void advice.push(line);
  for (const key of Object.keys(prefixes).filter((key) => !used.has(key))) {
    say(`scan.prefixes: ${JSON.stringify(key)} is of no unknown part of a path`);
  }
  const missing = missingPrefixes(routes, prefixes);
  if (missing.length === 0) return advice;
  const partial = routes.filter((route) => withPrefixes(route, prefixes, new Set()).isPartial).length;
  const isOne = partial === 1;
  say(
    `${partial} ${isOne ? 'path is' : 'paths are'} partial: the running program alone knows what is before ${isOne ? 'it' : 'them'}.`,
  );
  const shown = missing.slice(0, MAX_LINES);
  for (const item of shown) say(`  ${describe(item)}`);
  const others = missing.length - shown.length;
  if (others > 0) say(`  and ${others} more`);
  say(
    `To complete ${isOne ? 'it' : 'them'}, put this into evtgen.config.json, with the prefix for ${PLACEHOLDER} ("" where there is none):`,
  );
  say('  "scan": {');
  say('    "prefixes": {');
  const lines = [
    ...Object.entries(prefixes),
    ...shown.map(({ key, guess }): [string, string] => [key, guess ?? PLACEHOLDER]),
  ].map(([key, value]) => `      ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  lines.forEach((line, index) => say(index === lines.length - 1 ? line : `${line},`));
  say('    }');
  say('  }');
  return advice;
}

function describe({ count, hole, guess, site }: MissingPrefix): string {
  const place = `${site.file}:${site.line}`;
  const paths = `${count} path${count === 1 ? '' : 's'}`;
  if (hole !== null) return `${paths} below ${hole} at ${place}`;
  if (guess !== null)
    return `${paths} below one of several prefixes at ${place}, of which ${guess} is the first`;
  return `${paths} of a router at ${place}, which nothing that could be followed mounts`;
}
