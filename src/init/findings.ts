import { existsSync, readdirSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { CONFIG_FILE, type Config } from '../config/load.ts';
import { detectFramework, frameworksIn } from '../generate/detect-framework.ts';
import { otherDatabaseWarning } from '../generate/detect-database.ts';
import { detectDialect, type Dialect } from '../generate/dialect.ts';
import { detectFormatter, type DetectedFormatter } from '../generate/format.ts';
import { findMigrations } from '../generate/migrations.ts';
import { detectPackageManager, linkedClient, type PackageFacts } from '../generate/package.ts';
import { outputFolder } from '../generate/output-folder.ts';
import { projectDatabase, projectStore } from '../generate/project.ts';
import { openProject } from '../scan/project.ts';
import { EvtgenError } from '../ui/errors.ts';
import type { Choices } from './config-file.ts';
import type { Suggestion } from './questions.ts';

/** One thing that generate goes by. */
export interface Finding {
  readonly what: string;
  /** Null for none, or for what nothing tells. */
  readonly value: string | null;
  /** The file or the dependency that tells it, or that it was said. */
  readonly from: string | null;
}

export interface FindingsInput {
  readonly root: string;
  readonly facts: PackageFacts;
  /** What the file says. */
  readonly config: Config;
  /** What goes into it. */
  readonly choices: Choices;
  /** What flags or answers say. */
  readonly said: Choices;
  readonly suggestions: readonly Suggestion[];
}

export interface Findings {
  readonly found: readonly Finding[];
  readonly warnings: readonly string[];
}

/** Everything that generate will go by, found by what generate itself finds it with. */
export function findings(input: FindingsInput): Findings {
  const { root, facts, config, choices } = input;
  const settled: Config = { ...config, ...choices };
  const { manifest, available } = facts;
  const framework = detectFramework(settled, manifest);
  const store = projectStore(settled, facts);
  const database = projectDatabase(root, facts, settled);
  const output = outputFolder(root, settled);
  const beside = posix.dirname(output);
  const formatter = settled.formatter === null ? undefined : detectFormatter(root, settled.formatter);
  const migrations = findMigrations(root, settled.migrations, store.migrations);
  const manager = detectPackageManager(root);
  const { dialect, problem } = dialectOf(root, output, manifest.type);
  const warnings = [otherDatabaseWarning(database), problem].filter((warning) => warning !== undefined);
  const client = store.packages.find((name) => available.has(name));
  const linked = linkedClient(facts, store.packages);
  const storeEvidence =
    linked === undefined ? null : `${linked.client} in package.json of ${linked.from.name}`;
  const decided = (key: keyof Choices, otherwise: string | null): string | null =>
    decidedBy(input, key) ?? otherwise;
  const found: Finding[] = [
    {
      what: 'framework',
      value: framework.id,
      from: decided('framework', frameworkEvidence(facts)),
    },
    {
      what: 'store',
      value: store.id,
      from: decided('store', client === undefined ? storeEvidence : inPackageJson(client)),
    },
    { what: 'database', value: database?.name ?? null, from: database?.from ?? null },
    { what: 'broker', value: settled.broker ?? null, from: decided('broker', null) },
    { what: 'metrics', value: settled.metrics ?? null, from: decided('metrics', null) },
    {
      what: 'modules',
      value: dialect === undefined ? null : describeDialect(dialect),
      from: dialect === undefined ? null : dialectEvidence(dialect, manifest.type),
    },
    {
      what: 'formatter',
      value: formatter?.binding.id ?? null,
      from: decided('formatter', formatter === undefined ? null : formatterEvidence(root, formatter)),
    },
    { what: 'package manager', value: manager.name, from: manager.from ?? null },
    {
      what: 'output',
      value: output,
      from: decided('output', existsSync(join(root, beside)) ? beside : null),
    },
    {
      what: 'migrations',
      value: `${migrations.folder} (${migrations.format === 'sql' ? 'plain SQL' : migrations.format})`,
      from: decided(
        'migrations',
        migrations.names.length === 0 ? null : `${migrations.names.length} in ${migrations.folder}`,
      ),
    },
  ];
  return { found, warnings };
}

function decidedBy(
  { config, said, choices, suggestions }: FindingsInput,
  key: keyof Choices,
): string | undefined {
  if (said[key] !== undefined) return 'as you say';
  if (config[key] !== undefined) return CONFIG_FILE;
  const suggestion = suggestions.find(({ id }) => id === choices[key]);
  return suggestion === undefined ? undefined : inPackageJson(suggestion.package);
}

/** The one taken, and those that it is taken before. */
function frameworkEvidence({ manifest }: PackageFacts): string | null {
  const [first, ...others] = new Set(frameworksIn(manifest).map((binding) => binding.package));
  if (first === undefined) return null;
  return inPackageJson(first) + (others.length === 0 ? '' : `, before ${others.join(' and ')}`);
}

function inPackageJson(name: string): string {
  return `${name} in package.json`;
}

/** Its configuration file, else the package.json that names it. */
function formatterEvidence(root: string, { binding, folder }: DetectedFormatter): string {
  const file = readdirSync(folder).find((name) => binding.configFile.test(name)) ?? 'package.json';
  return relative(root, join(folder, file)).split(sep).join('/');
}

/** A project that generate refuses can still be scanned, so that is no reason to fail here. */
function dialectOf(
  root: string,
  output: string,
  packageType: string | undefined,
): { readonly dialect?: Dialect; readonly problem?: string } {
  try {
    const project = openProject(root, (path) => !path.startsWith(`${output}/`));
    return { dialect: detectDialect(project, packageType, output) };
  } catch (error) {
    if (error instanceof EvtgenError) return { problem: error.message };
    throw error;
  }
}

function describeDialect({ fileEnding, moduleFormat, specifierEnding }: Dialect): string {
  const language = fileEnding === '.ts' ? 'TypeScript' : 'JavaScript';
  const modules = moduleFormat === 'esm' ? 'ES modules' : 'CommonJS';
  const ending = specifierEnding === '' ? 'without an ending' : `ending in ${specifierEnding}`;
  return `${language}, ${modules}, imports ${ending}`;
}

function dialectEvidence(dialect: Dialect, packageType: string | undefined): string {
  if (dialect.fileEnding === '.ts') return 'tsconfig.json';
  return packageType === undefined ? 'the sources' : '"type" in package.json';
}
