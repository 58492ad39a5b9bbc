import type { Base, BaseFinder } from './base.ts';
import { isWrite, type Change } from './change.ts';
import type { Linter } from './eslint.ts';
import type { Formatter } from './format.ts';
import { withHeaderOf } from './header.ts';
import { basePath } from './manifest.ts';
import { mergeTexts, withLineEndsOf, type EditMerge, type Merged } from './merge.ts';
import { isMergeable, isOpen, type PlanInput, type WantedFile } from './plan.ts';

/**
 * Does what a plan needs from outside: the project's formatter goes over what is to be written, and edited files are
 * merged with their new versions. Writes nothing.
 */
export async function prepare(
  input: PlanInput,
  formatter: Formatter,
  bases: BaseFinder,
  linter?: Linter,
): Promise<PlanInput> {
  const edits = await formatEdits(await fixEdits(input.edits ?? [], linter), formatter);
  const fixed = linter === undefined ? input.wanted : await fixOwn(input, linter);
  const wanted = await formatWanted({ ...input, wanted: fixed }, formatter);
  const merges = await mergeEdited({ ...input, wanted }, formatter, bases);
  const unmerged = formatter.isMissing
    ? `${formatter.id} is needed to merge them, and is not installed`
    : undefined;
  return { ...input, wanted, merges, edits, unmerged };
}

/** Lays the manifest out as the project's formatter would, in a plan that writes it. */
export async function withFormattedManifest(
  changes: readonly Change[],
  formatter: Formatter,
): Promise<Change[]> {
  const manifest = changes.at(-1);
  if (manifest === undefined || !isWrite(manifest) || manifest.after === null) return [...changes];
  const [after = manifest.after] = await formatter.format([
    { path: manifest.path, text: withLineEndsOf(manifest.before ?? '', manifest.after) },
  ]);
  return [...changes.slice(0, -1), { ...manifest, after }];
}

/** Files of owner C are the team's own, so that its rules hold in them. */
async function fixOwn(input: PlanInput, linter: Linter): Promise<WantedFile[]> {
  const isOwn = (file: WantedFile): boolean =>
    file.owner === 'C' &&
    /\.[cm]?[jt]s$/.test(file.path) &&
    isOpen(file, input) &&
    !input.disk.has(file.path);
  const own = input.wanted.filter(isOwn);
  const texts = await linter.fix(own.map(({ path, content }) => ({ path, text: content })));
  const fixed = new Map(own.map(({ path }, index) => [path, texts[index] ?? '']));
  return input.wanted.map((file) => ({ ...file, content: fixed.get(file.path) ?? file.content }));
}

async function formatWanted(input: PlanInput, formatter: Formatter): Promise<WantedFile[]> {
  const open = input.wanted.filter((file) => isOpen(file, input));
  const texts = await formatter.format(
    open.map(({ path, content }) => ({
      path,
      text: withLineEndsOf(input.disk.get(path) ?? content, content),
    })),
  );
  const formatted = new Map(open.map(({ path }, index) => [path, texts[index] ?? '']));
  return input.wanted.map((file) => ({ ...file, content: formatted.get(file.path) ?? file.content }));
}

/** A file of the user's is fixed after an insertion, by the order of its imports say, if there was nothing to fix before. */
async function fixEdits(edits: readonly Change[], linter: Linter | undefined): Promise<Change[]> {
  const linted = edits.filter(({ path }) => /\.[cm]?[jt]sx?$/.test(path));
  if (linter === undefined || linted.length === 0) return [...edits];
  const texts = (key: 'before' | 'after'): { path: string; text: string }[] =>
    linted.map((edit) => ({ path: edit.path, text: edit[key] ?? '' }));
  const fixed = await linter.fix([...texts('before'), ...texts('after')]);
  return edits.map((edit) => {
    const index = linted.indexOf(edit);
    const isClean = index !== -1 && edit.before === fixed[index];
    return isClean ? { ...edit, after: fixed[linted.length + index] ?? edit.after } : edit;
  });
}

/** A file of the user's is formatted after an insertion if it was before. */
async function formatEdits(edits: readonly Change[], formatter: Formatter): Promise<Change[]> {
  const texts = (key: 'before' | 'after'): Promise<string[]> =>
    formatter.format(edits.map((edit) => ({ path: edit.path, text: edit[key] ?? '' })));
  const [before, after] = [await texts('before'), await texts('after')];
  return edits.map((edit, index) =>
    edit.before === before[index] ? { ...edit, after: after[index] ?? edit.after } : edit,
  );
}

async function mergeEdited(
  input: PlanInput,
  formatter: Formatter,
  bases: BaseFinder,
): Promise<Map<string, EditMerge>> {
  const files = input.wanted.filter((file) => isMergeable(file, input));
  const found = await Promise.all(files.map((file) => findBase(file, input, bases)));
  // One layout for all sides, so that lines differ only where the code does.
  const sides = await formatter.format(
    files.flatMap(({ path }, index) => [
      { path, text: input.disk.get(path) ?? '' },
      { path, text: found[index]?.text ?? '' },
    ]),
  );
  const merges = new Map<string, EditMerge>();
  if (formatter.isMissing) return merges;
  for (const [index, { path, content }] of files.entries()) {
    const [mine, base] = sides.slice(2 * index);
    const names = { mine: 'your edit', theirs: `evtgen ${input.version}` };
    const merged = mergeTexts(mine ?? '', found[index] && base, content, names);
    const reason = whyMerged(merged, found[index], input.manifest.get(path)?.evtgen ?? '');
    merges.set(path, { text: merged.text, conflicts: merged.conflicts, reason });
  }
  const clean = [...merges].filter(([, { conflicts }]) => conflicts === 0);
  const texts = await formatter.format(clean.map(([path, { text }]) => ({ path, text })));
  for (const [index, [path, merge]] of clean.entries()) {
    merges.set(path, { ...merge, text: texts[index] ?? merge.text });
  }
  return merges;
}

async function findBase(
  file: WantedFile,
  { manifest, manifestPath, disk }: PlanInput,
  bases: BaseFinder,
): Promise<Base | undefined> {
  const { path, render } = file;
  const entry = manifest.get(path);
  if (entry === undefined || render === undefined) return undefined;
  const kept = disk.get(basePath(manifestPath, path));
  const mine = disk.get(path) ?? '';
  return bases.find({
    path,
    entry,
    kept,
    render: (source, version) => {
      const rendered = render(source, version);
      return [rendered, withHeaderOf(mine, rendered)];
    },
  });
}

function whyMerged({ conflicts, firstConflict }: Merged, base: Base | undefined, version: string): string {
  const marked =
    conflicts === 1
      ? `1 conflict is marked in line ${firstConflict}`
      : `${conflicts} conflicts are marked, the first in line ${firstConflict}`;
  if (base === undefined) {
    return `edited by hand, and changed in evtgen; its text of evtgen ${version} was not found: ${marked}`;
  }
  return conflicts === 0
    ? 'edited by hand, and changed in evtgen; your edits are kept'
    : `edited by hand, and changed in evtgen in the same place: ${marked}`;
}
