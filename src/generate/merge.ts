import { diff3Merge, diffComm } from 'node-diff3';

/** What became of a hand-made change and a new version of the same file. */
export interface Merged {
  readonly text: string;
  /** Places where both changed the same lines; both stand in the text, between markers. */
  readonly conflicts: number;
  /** Line of the first marker, counted from 1; 0 without conflicts. */
  readonly firstConflict: number;
}

/** An edited file with a new version of evtgen's merged in. */
export interface EditMerge {
  readonly text: string;
  readonly conflicts: number;
  readonly reason: string;
}

/** What conflict markers call the two sides. */
export interface SideNames {
  readonly mine: string;
  readonly theirs: string;
}

/** Names the version a file is of; never worth a conflict. */
const HEADER = /^\/\/ evtgen \d.*(?=\r?\n)/;
const [OPEN, MIDDLE, CLOSE] = ['<<<<<<<', '=======', '>>>>>>>'];

/**
 * Puts the change from `base` to `theirs` into `mine`, line by line. Nothing of `mine` is lost: where both sides
 * changed the same lines, both are kept between markers. Line ends are those of `mine`.
 * @param base what both sides started from; without it, every difference is marked.
 */
export function mergeTexts(mine: string, base: string | undefined, theirs: string, names: SideNames): Merged {
  const header = HEADER.exec(theirs)?.[0];
  const lines = (text: string): string[] => {
    const current = header === undefined ? text : text.replace(HEADER, header);
    return current.replaceAll('\r\n', '\n').split('\n');
  };
  const regions =
    base === undefined
      ? twoWay(lines(mine), lines(theirs))
      : diff3Merge(lines(mine), lines(base), lines(theirs), { excludeFalseConflicts: true });
  const merged: string[] = [];
  let [conflicts, firstConflict] = [0, 0];
  for (const { ok, conflict } of regions) {
    merged.push(...(ok ?? []));
    if (conflict === undefined) continue;
    conflicts += 1;
    if (conflicts === 1) firstConflict = merged.length + 1;
    merged.push(`${OPEN} ${names.mine}`, ...conflict.a, MIDDLE, ...conflict.b, `${CLOSE} ${names.theirs}`);
  }
  return { text: withLineEndsOf(mine, merged.join('\n')), conflicts, firstConflict };
}

interface Region {
  readonly ok?: readonly string[];
  readonly conflict?: { readonly a: readonly string[]; readonly b: readonly string[] };
}

function twoWay(mine: string[], theirs: string[]): Region[] {
  return diffComm(mine, theirs).map((part) =>
    part.common === undefined ? { conflict: { a: part.buffer1, b: part.buffer2 } } : { ok: part.common },
  );
}

/** The line of the first conflict marker that was left in a text, counted from 1; undefined without any. */
export function findMarker(text: string): number | undefined {
  if (!new RegExp(`^${CLOSE} `, 'm').test(text)) return undefined;
  const index = text.split('\n').findIndex((line) => line.startsWith(`${OPEN} `));
  return index < 0 ? undefined : index + 1;
}

/** The text with the line ends that another one has in its first line. */
export function withLineEndsOf(model: string, text: string): string {
  const plain = text.replaceAll('\r\n', '\n');
  return /^[^\n]*\r\n/.test(model) ? plain.replaceAll('\n', '\r\n') : plain;
}
