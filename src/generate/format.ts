import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { foldersUpwards } from '../scan/workspace.ts';
import { formatters, type FormatterBinding } from './formatters.ts';

/** The project's own formatter. */
export interface Formatter {
  readonly id: string;
  /**
   * Formats texts as the files of the given paths; nothing is read from these files or written.
   * @returns the texts in the same order; those that could not be formatted, as they came.
   */
  format(files: readonly { readonly path: string; readonly text: string }[]): Promise<string[]>;
  /** The project has a formatter that is not installed; known once something was formatted. */
  readonly isMissing: boolean;
  /** Why some text stayed as it was; a failure of the formatter stops nothing. */
  readonly warnings: readonly string[];
}

export interface DetectedFormatter {
  readonly binding: FormatterBinding;
  /** Where its configuration lies, or the package.json that names it. */
  readonly folder: string;
}

/**
 * @param configured of evtgen.config.json: null for none, undefined for the one that is detected.
 * @returns a formatter that changes nothing where the project has none.
 */
export function createFormatter(root: string, configured: string | null | undefined): Formatter {
  const found = configured === null ? undefined : detectFormatter(root, configured);
  const warnings: string[] = [];
  let isMissing = false;
  return {
    id: found?.binding.id ?? 'none',
    warnings,
    get isMissing() {
      return isMissing;
    },
    async format(files) {
      const texts = files.map(({ text }) => text);
      if (found === undefined || isMissing || files.length === 0) return texts;
      const { binding, folder } = found;
      const absolute = files.map(({ path, text }) => ({ path: join(root, path), text }));
      const results = await binding.format(folder, absolute);
      if (results === undefined) {
        isMissing = true;
        warnings.push(`${binding.id} is not installed, so what is written is not formatted`);
        return texts;
      }
      const failures = results.flatMap((result) => ('failure' in result ? [result.failure] : []));
      const isOneReason = failures.length > 1 && new Set(failures).size === 1;
      if (isOneReason) warnings.push(`${binding.id} cannot format ${failures.length} files: ${failures[0]}`);
      return results.map((result, index) => {
        if ('text' in result) return result.text;
        if (!isOneReason)
          warnings.push(`${binding.id} cannot format ${files[index]?.path}: ${result.failure}`);
        return texts[index] ?? '';
      });
    },
  };
}

/**
 * The formatter of a project: of the nearest folder that has one, up to the top of the repository. Where one has
 * several, that which a script of package.json runs, else one with a configuration file, else one among the
 * dependencies.
 */
export function detectFormatter(root: string, configured?: string): DetectedFormatter | undefined {
  const candidates = formatters.filter(({ id }) => configured === undefined || id === configured);
  for (const folder of foldersUpwards(root)) {
    const evidence = readEvidence(folder);
    const ranked = candidates
      .map((binding) => ({ binding, rank: rankOf(binding, evidence) }))
      .filter(({ rank }) => rank > 0)
      .toSorted((a, b) => b.rank - a.rank);
    if (ranked[0] !== undefined) return { binding: ranked[0].binding, folder };
  }
  const [binding] = candidates;
  return configured === undefined || binding === undefined ? undefined : { binding, folder: root };
}

interface Evidence {
  readonly files: readonly string[];
  readonly scripts: readonly string[];
  /** Packages that package.json depends on, and its own sections. */
  readonly names: ReadonlySet<string>;
}

function rankOf({ package: name, configFile, command }: FormatterBinding, evidence: Evidence): number {
  const isConfigured = evidence.files.some((file) => configFile.test(file));
  const isRun = evidence.scripts.some((script) => command.test(script));
  return (isRun ? 4 : 0) + (isConfigured ? 2 : 0) + (evidence.names.has(name) ? 1 : 0);
}

function readEvidence(folder: string): Evidence {
  const content = readPackage(join(folder, 'package.json'));
  const sections = ['dependencies', 'devDependencies'].map((key) => asRecord(content[key]));
  return {
    files: readdirSync(folder),
    scripts: Object.values(asRecord(content['scripts'])).filter((script) => typeof script === 'string'),
    names: new Set([...Object.keys(content), ...sections.flatMap((section) => Object.keys(section))]),
  };
}

/** Empty where there is none, or none that can be read: the package.json of another folder is not ours to judge. */
function readPackage(file: string): Record<string, unknown> {
  try {
    return asRecord(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return {};
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
