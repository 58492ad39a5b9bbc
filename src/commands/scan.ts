import { Command } from 'commander';
import { resolve } from 'node:path';
import type { CatalogChange, Decisions, Merge } from '../catalog/merge.ts';
import type { ScanReport } from '../scan/report.ts';
import { EvtgenError } from '../ui/errors.ts';
import { withExamples } from '../ui/examples.ts';
import { ExitCode } from '../ui/exit-code.ts';
import type { Terminal } from '../ui/terminal.ts';

interface ScanFlags {
  readonly json?: true;
  readonly write?: true;
  readonly check?: true;
}

/** `evtgen scan [dir]`: lists every mutation and keeps the catalog in step with the code. */
export function scanCommand(terminal: Terminal): Command {
  return withExamples(
    new Command('scan')
      .argument('[dir]', 'the project to scan', '.')
      .option('--write', 'merge what was found into events/ without asking')
      .option('--check', 'exit 1 if the catalog in events/ is out of date')
      .option('--json', 'print one JSON document')
      .action((dir: string, flags: ScanFlags) => scan(dir, flags, terminal)),
    ['evtgen scan', 'evtgen scan apps/api --json', 'evtgen scan --check'],
  );
}

async function scan(dir: string, flags: ScanFlags, terminal: Terminal): Promise<void> {
  if (flags.write === true && flags.check === true) {
    throw new EvtgenError('conflicting_flags', '--write and --check exclude each other');
  }
  const root = resolve(terminal.cwd, dir);
  const [{ scanProject }, { loadConfig }, { loadCatalogIfPresent, EMPTY_CATALOG }, { mergeCatalog }] =
    await Promise.all([
      import('../scan/scan.ts'),
      import('../config/load.ts'),
      import('../catalog/load.ts'),
      import('../catalog/merge.ts'),
    ]);
  const isWriting = flags.write === true;
  const report = scanProject(root, {
    ...loadConfig(root).scan,
    onProgress:
      terminal.isInteractive && flags.json !== true ? (phase) => terminal.note(`${phase} …`) : undefined,
  });
  // A broken catalog is reported before anything is printed or written.
  const catalog = loadCatalogIfPresent(root)?.catalog ?? EMPTY_CATALOG;
  await print(report, flags, terminal);

  const merge = mergeCatalog(catalog, report);
  if (flags.check === true) {
    check(merge, terminal);
  } else if (isWriting) {
    await write(root, merge, terminal);
  } else if (terminal.isInteractive && flags.json !== true) {
    await review(root, dir, catalog, report, terminal);
  }
}

async function print(report: ScanReport, flags: ScanFlags, terminal: Terminal): Promise<void> {
  if (flags.json === true) {
    terminal.result(JSON.stringify(report, null, 2));
    return;
  }
  const [{ formatReport }, { supportsColor }] = await Promise.all([
    import('../scan/table.ts'),
    import('chalk'),
  ]);
  const hasColor = supportsColor !== false && terminal.env['NO_COLOR'] === undefined;
  // A pipe has no width: whoever reads it wants whole cells.
  const columns = terminal.isInteractive ? terminal.columns : Number.POSITIVE_INFINITY;
  for (const line of formatReport(report, { columns, hasColor })) terminal.result(line);
}

function check(merge: Merge, terminal: Terminal): void {
  for (const change of merge.changes) terminal.note(describe(change));
  if (merge.changes.length === 0) {
    terminal.note('events/catalog.json is up to date');
    return;
  }
  terminal.note(`events/catalog.json is out of date (${merge.changes.length}); run "evtgen scan --write"`);
  process.exitCode = ExitCode.findings;
}

async function write(root: string, merge: Merge, terminal: Terminal): Promise<void> {
  const { writeCatalog } = await import('../catalog/write.ts');
  const written = writeCatalog(root, merge.catalog, merge.newSchemas);
  for (const change of merge.changes) terminal.note(describe(change));
  for (const eventType of newInternalTypes(merge)) {
    terminal.note(
      `${eventType} is internal: brokers get it, webhooks and streams do not ("audience" in events/catalog.json)`,
    );
  }
  terminal.note(written.length === 0 ? 'events/ is up to date' : `wrote ${summary(written)}`);
}

async function review(
  root: string,
  dir: string,
  catalog: Merge['catalog'],
  report: ScanReport,
  terminal: Terminal,
): Promise<void> {
  const [{ reviewMutations }, { mergeCatalog }] = await Promise.all([
    import('../scan/review.ts'),
    import('../catalog/merge.ts'),
  ]);
  const decisions: Decisions | null = await reviewMutations(catalog, report);
  if (decisions === null) {
    terminal.note('nothing new to review');
    return;
  }
  await write(root, mergeCatalog(catalog, report, decisions), terminal);
  terminal.note(`to skip the questions next time, run: evtgen scan ${dir === '.' ? '' : `${dir} `}--write`);
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
