import { Command } from 'commander';
import { posix, relative, resolve } from 'node:path';
import type { DecisionFlags, Decisions } from '../catalog/decisions.ts';
import type { CatalogChange, Merge } from '../catalog/merge.ts';
import type { Mutation, ScanReport } from '../scan/report.ts';
import type { ScannedPackage } from '../scan/scan-packages.ts';
import { EvtgenError } from '../ui/errors.ts';
import { withExamples } from '../ui/examples.ts';
import { ExitCode } from '../ui/exit-code.ts';
import { shellWord } from '../ui/shell-word.ts';
import type { Terminal } from '../ui/terminal.ts';

interface ScanFlags extends DecisionFlags {
  readonly json?: true;
  readonly write?: true;
  readonly check?: true;
  readonly explain?: readonly string[];
}

/** `evtgen scan [dir]`: lists every mutation and keeps the catalog in step with the code. */
export function scanCommand(terminal: Terminal): Command {
  return withExamples(
    new Command('scan')
      .argument('[dir]', 'the project to scan, or the root of a monorepo', '.')
      .option('--write', 'merge what was found into events/ without asking')
      .option(
        '--name <mutation=event>',
        'with --write: the event type of a new mutation (repeatable)',
        collect,
      )
      .option(
        '--ignore <mutation=reason>',
        'with --write: a new mutation gets no event (repeatable)',
        collect,
      )
      .option('--check', 'exit 1 if the catalog in events/ is out of date')
      .option('--explain <METHOD PATH...>', 'print how the path, name and payload of a route came about')
      .option('--json', 'print one JSON document')
      .action((dir: string, flags: ScanFlags) => scan(dir, flags, terminal)),
    [
      'evtgen scan apps/api --json',
      'evtgen scan --explain POST /orders',
      `evtgen scan --write --name 'POST /orders=order.placed' --ignore 'POST /carts=not settled yet'`,
    ],
  );
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

async function scan(dir: string, flags: ScanFlags, terminal: Terminal): Promise<void> {
  if (flags.explain !== undefined) {
    const { explain } = await import('./scan-explain.ts');
    await explain(dir, flags.explain, flags.json === true, terminal);
    return;
  }
  if (flags.write === true && flags.check === true) {
    throw new EvtgenError('conflicting_flags', '--write and --check exclude each other');
  }
  if (flags.write !== true && (flags.name !== undefined || flags.ignore !== undefined)) {
    throw new EvtgenError('conflicting_flags', '--name and --ignore go with --write');
  }
  const root = resolve(terminal.cwd, dir);
  const [{ scanPackages }, { loadConfig }, { readDecisions }] = await Promise.all([
    import('../scan/scan-packages.ts'),
    import('../config/load.ts'),
    import('../catalog/decisions.ts'),
  ]);
  const isAsking = terminal.isInteractive && flags.json !== true;
  const advice: string[] = [];
  const { report: scanned, packages } = withProgress(terminal, (onProgress) =>
    scanPackages(root, (folder) => ({
      ...loadConfig(folder).scan,
      onAdvice(lines) {
        if (folder !== root) advice.push(`in ${relative(root, folder)}:`);
        advice.push(...lines);
      },
      onProgress,
    })),
  );
  // A broken catalog is reported before anything is printed or written.
  const catalogs = await openCatalogs(root, dir, packages);
  const report = await withWiring(scanned, catalogs, terminal);
  await print(report, flags, terminal);
  for (const line of advice) terminal.note(line);

  const decisions = readDecisions(flags, report.mutations);
  if (flags.check === true) {
    check(catalogs, terminal);
  } else if (flags.write === true) {
    for (const catalog of catalogs) await write(catalog, decisions, terminal);
  } else if (isAsking) {
    await review(dir, catalogs, terminal);
  } else if (flags.json !== true && catalogs.some(hasNews)) {
    terminal.note(`next: ${command('scan', dir)} --write, which puts what is new into events/`);
  }
}

function command(name: string, dir: string): string {
  return ['evtgen', name, ...(dir === '.' ? [] : [shellWord(dir)])].join(' ');
}

function withProgress<T>(terminal: Terminal, work: (onProgress: (text: string) => void) => T): T {
  try {
    return work((text) => terminal.progress(`${text} …`));
  } finally {
    terminal.progress(null);
  }
}

/** A package's catalog and what the scan says of it. */
interface OpenCatalog {
  /** The package's folder, absolute. */
  readonly root: string;
  /** Its folder as a command takes it. */
  readonly dir: string;
  /** Of its `events`, relative to the scanned folder. */
  readonly place: string;
  readonly catalog: Merge['catalog'];
  readonly report: ScanReport;
  merge(decisions: Decisions): Merge;
}

async function openCatalogs(
  root: string,
  dir: string,
  packages: readonly ScannedPackage[],
): Promise<OpenCatalog[]> {
  const [{ loadCatalogIfPresent, EMPTY_CATALOG }, { mergeCatalog }] = await Promise.all([
    import('../catalog/load.ts'),
    import('../catalog/merge.ts'),
  ]);
  return packages.map(({ folder, report }) => {
    const packageRoot = resolve(root, folder);
    const catalog = loadCatalogIfPresent(packageRoot)?.catalog ?? EMPTY_CATALOG;
    return {
      root: packageRoot,
      dir: posix.join(dir, folder),
      place: folder === '' ? '' : `${folder}/`,
      catalog,
      report,
      merge: (decisions) => mergeCatalog(catalog, report, decisions),
    };
  });
}

/** The report with what is known of emit calls, for the packages that code was generated into. */
async function withWiring(
  report: ScanReport,
  catalogs: readonly OpenCatalog[],
  terminal: Terminal,
): Promise<ScanReport> {
  const inUse = catalogs.filter(({ catalog }) => Object.keys(catalog.mutations).length > 0);
  if (inUse.length === 0) return report;
  const { projectWiring } = await import('../generate/wiring.ts');
  const states = new Map<string, Mutation['wiring']>();
  for (const { root, place } of inUse) {
    try {
      const wiring = projectWiring(root);
      for (const { mutation, state } of wiring?.mutations ?? []) states.set(place + mutation, state);
    } catch (error) {
      if (!(error instanceof EvtgenError)) throw error;
      terminal.note(`whether the events are emitted is not known: ${error.message}`);
    }
  }
  if (states.size === 0) return report;
  const stateOf = (mutation: Mutation): Mutation['wiring'] => {
    const place = mutation.package === undefined || mutation.package === '' ? '' : `${mutation.package}/`;
    return states.get(`${place}${mutation.method} ${mutation.path}`);
  };
  return {
    ...report,
    mutations: report.mutations.map((mutation) => {
      const wiring = stateOf(mutation);
      return wiring === undefined ? mutation : { ...mutation, wiring };
    }),
  };
}

async function print(report: ScanReport, flags: ScanFlags, terminal: Terminal): Promise<void> {
  if (flags.json === true) {
    terminal.result(JSON.stringify(report, null, 2));
    return;
  }
  const [{ formatReport }, { hasColors }] = await Promise.all([
    import('../scan/table.ts'),
    import('../ui/paint.ts'),
  ]);
  const hasColor = hasColors(terminal);
  // A pipe has no width: whoever reads it wants whole cells.
  const columns = terminal.isInteractive ? terminal.columns : Number.POSITIVE_INFINITY;
  for (const line of formatReport(report, { columns, hasColor })) terminal.result(line);
}

function check(catalogs: readonly OpenCatalog[], terminal: Terminal): void {
  for (const { place, merge } of catalogs) {
    const { changes } = merge(new Map());
    for (const change of changes) terminal.note(describe(change));
    if (changes.length === 0) {
      terminal.note(`${place}events/catalog.json is up to date`);
      continue;
    }
    terminal.note(
      `${place}events/catalog.json is out of date (${changes.length}); run "evtgen scan --write"`,
    );
    process.exitCode = ExitCode.findings;
  }
}

function hasNews({ merge }: OpenCatalog): boolean {
  return merge(new Map()).changes.length > 0;
}

async function write(
  { root, dir, place, catalog, report, merge: mergeWith }: OpenCatalog,
  decisions: Decisions,
  terminal: Terminal,
): Promise<void> {
  if (report.mutations.length === 0 && Object.keys(catalog.mutations).length === 0) {
    terminal.note(
      `no catalog was written${place === '' ? '' : ` into ${place}`}: there is no mutation to put into it`,
    );
    return;
  }
  const [{ changedFiles, writeContract }, { createFormatter }, { loadConfig }] = await Promise.all([
    import('../catalog/write.ts'),
    import('../generate/format.ts'),
    import('../config/load.ts'),
  ]);
  const merge = mergeWith(decisions);
  const formatter = createFormatter(root, loadConfig(root).formatter);
  const files = changedFiles(root, merge.catalog, merge.newSchemas);
  const texts = await formatter.format(files);
  const written = writeContract(
    root,
    files.map(({ path, text }, index) => ({ path, text: texts[index] ?? text })),
  );
  for (const warning of formatter.warnings) terminal.note(`warning: ${warning}`);
  for (const change of merge.changes) terminal.note(describe(change));
  const internal = newInternalTypes(merge);
  if (internal.length > 0) {
    terminal.note(
      `internal: ${internal.join(', ')}\n` +
        `      brokers get these, webhooks and streams do not ("audience" in ${place}events/catalog.json)`,
    );
  }
  terminal.note(
    written.length === 0
      ? `${place}events/ is up to date`
      : `wrote ${summary(written.map((file) => `${place}${file}`))}`,
  );
  if (written.length > 0 && Object.keys(merge.catalog.eventTypes).length > 0) {
    terminal.note(`next: ${command('generate', dir)}, with --wire to put the emit calls into handlers too`);
  }
}

async function review(dir: string, catalogs: readonly OpenCatalog[], terminal: Terminal): Promise<void> {
  const [{ newMutations, reviewMutations }, { flagsOf }] = await Promise.all([
    import('../scan/review.ts'),
    import('../catalog/decisions.ts'),
  ]);
  const flags: string[] = [];
  for (const open of catalogs) {
    const fresh = newMutations(open.catalog, open.report);
    if (fresh.length === 0) {
      if (hasNews(open)) await write(open, new Map(), terminal);
      else terminal.note(`${open.place}events/ is up to date: nothing new to review`);
      continue;
    }
    if (open.place !== '') terminal.note(open.place);
    const decisions = await reviewMutations(fresh);
    flags.push(...flagsOf(decisions, fresh));
    await write(open, decisions, terminal);
  }
  const all = [command('scan', dir), '--write', ...flags].join(' ');
  terminal.note(`to do the same without questions: ${all}`);
}

/** What concerns secrets or logins starts internal, which nobody would guess from the silence of a webhook. */
function newInternalTypes({ catalog, changes }: Merge): string[] {
  const added = changes.flatMap((change) => (change.kind === 'added' ? [change.eventType] : []));
  const isInternal = (eventType: string | null): eventType is string =>
    eventType !== null && catalog.eventTypes[eventType]?.audience === 'internal';
  return [...new Set(added.filter(isInternal))];
}

function describe(change: CatalogChange): string {
  switch (change.kind) {
    case 'added':
      return `new   ${change.mutation}  ${change.eventType ?? '(no event)'}`;
    case 'gone':
      return `gone  ${change.mutation}`;
    case 'back':
      return `back  ${change.mutation}`;
  }
}

function summary(files: readonly string[]): string {
  const schemas = files.filter((file) => file.includes('/schemas/')).length;
  const others = files.filter((file) => !file.includes('/schemas/'));
  return [...others, ...(schemas > 0 ? [`${schemas} schema file${schemas === 1 ? '' : 's'}`] : [])].join(
    ' and ',
  );
}
