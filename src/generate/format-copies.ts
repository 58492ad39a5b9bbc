import {
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { foldersUpwards } from '../scan/workspace.ts';
import { isErrno } from '../ui/errors.ts';
import type { FileText, Formatted } from './formatters.ts';

export const FORMAT_TIMEOUT_MS = 120_000;
/** Windows takes command lines of 8191 characters. */
const MAX_ARGUMENT_CHARS = 6_000;
/** What formatters heed beside their own settings. */
const BESIDE = /^\.(?:\w+ignore|editorconfig)$/;

/** A formatter that is run as a program. */
export interface FormatCommand {
  readonly program: string;
  /** Names of the files that it takes its settings from. */
  readonly configFile: RegExp;
  /** Of a run over files, named relative to the folder in which it runs. */
  arguments(paths: readonly string[]): readonly string[];
}

/**
 * Formats texts with a command that goes over files: over copies in a temporary folder, beside which everything lies
 * that lies beside the real ones, so that the command finds the same settings and the same reasons to leave a file
 * alone. One process formats many files, and its start is most of its work.
 * @param folder where the command runs.
 * @returns undefined when the command is not installed.
 */
export async function formatCopies(
  folder: string,
  files: readonly FileText[],
  command: FormatCommand,
): Promise<Formatted[] | undefined> {
  const results = new Map<FileText, Formatted>();
  for (const round of rounds(files)) {
    const formatted = await formatRound(folder, round, command);
    if (formatted === undefined) return undefined;
    for (const [index, file] of round.entries()) results.set(file, formatted[index] ?? { text: file.text });
  }
  return files.map((file) => results.get(file) ?? { text: file.text });
}

/** A merge has several texts of one file, of which a folder holds one at a time. */
function rounds(files: readonly FileText[]): FileText[][] {
  const found: FileText[][] = [];
  const times = new Map<string, number>();
  for (const file of files) {
    const time = times.get(file.path) ?? 0;
    times.set(file.path, time + 1);
    (found[time] ??= []).push(file);
  }
  return found;
}

async function formatRound(
  folder: string,
  files: readonly FileText[],
  command: FormatCommand,
): Promise<Formatted[] | undefined> {
  const { execa } = await import('execa');
  const top = foldersUpwards(folder).at(-1) ?? folder;
  const copy = realpathSync(mkdtempSync(join(tmpdir(), 'evtgen-format-')));
  const copyOf = (path: string): string => join(copy, relative(top, path));
  const cwd = copyOf(folder);
  const options = { cwd, reject: false, timeout: FORMAT_TIMEOUT_MS, preferLocal: true, localDir: folder };
  try {
    mirror(top, copy, files, command);
    const results: Formatted[] = [];
    for (const batch of batches(files)) {
      const paths = batch.map(({ path }) => relative(folder, path).replaceAll('\\', '/'));
      const together = await execa(command.program, command.arguments(paths), options);
      if (together.code === 'ENOENT') return undefined;
      const texts = batch.map(({ path }) => readFileSync(copyOf(path), 'utf8'));
      // One file that cannot be formatted stops none of the others.
      const isStopped = batch.every(({ text }, index) => texts[index] === text);
      for (const [index, { text: before }] of batch.entries()) {
        const text = texts[index] ?? before;
        const isDone = together.exitCode === 0 || text !== before;
        const run =
          isDone || isStopped
            ? together
            : await execa(command.program, command.arguments([paths[index] ?? '']), options);
        results.push(
          isDone || run.exitCode === 0 ? { text } : { failure: firstLine(run.stderr.replaceAll(copy, top)) },
        );
      }
    }
    return results;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/**
 * Makes the folders of the files below `copy`, with the files in them and links to all else that is there; but with the
 * settings themselves, since not every version of every formatter takes a link for a file.
 */
function mirror(
  top: string,
  copy: string,
  files: readonly FileText[],
  { configFile }: Pick<FormatCommand, 'configFile'>,
): void {
  const folders = new Set([top]);
  for (const { path } of files) {
    for (let folder = dirname(path); !folders.has(folder); folder = dirname(folder)) folders.add(folder);
  }
  const own = new Set([...folders, ...files.map(({ path }) => path)]);
  for (const folder of [...folders].sort()) {
    mkdirSync(join(copy, relative(top, folder)), { recursive: true });
    for (const name of namesIn(folder)) {
      const path = join(folder, name);
      const place = join(copy, relative(top, path));
      if (own.has(path)) continue;
      if ((configFile.test(name) || BESIDE.test(name)) && isFile(path)) copyFileSync(path, place);
      else link(path, place);
    }
  }
  for (const { path, text } of files) writeFileSync(join(copy, relative(top, path)), text);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function namesIn(folder: string): string[] {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder) : [];
}

/** Links of files need a right on Windows that few have; those of folders do not. */
function link(path: string, place: string): void {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  try {
    symlinkSync(path, place, isFolder ? 'junction' : 'file');
  } catch (error) {
    if (!isErrno(error) || error.code !== 'EPERM' || !lstatSync(path).isFile()) throw error;
    copyFileSync(path, place);
  }
}

function batches(files: readonly FileText[]): FileText[][] {
  const found: FileText[][] = [];
  let room = 0;
  for (const file of files) {
    if (file.path.length > room || found.length === 0) {
      found.push([]);
      room = MAX_ARGUMENT_CHARS;
    }
    found.at(-1)?.push(file);
    room -= file.path.length + 1;
  }
  return found;
}

/** Of what a program says, the line that tells the reason: one that Node ends begins with the place in its own code. */
export function firstLine(text: string): string {
  const lines = text.split('\n').filter((each) => /\w/.test(each));
  const reason = /^(?:node|file):\S+:\d+$/.test(lines[0] ?? '')
    ? lines.find((each) => /^\w*Error\b/.test(each))
    : undefined;
  return (reason ?? lines[0])?.replaceAll(/^\s+|[\s─━]+$/g, '') ?? 'it gave no reason';
}
