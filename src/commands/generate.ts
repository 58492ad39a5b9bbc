import { Command } from 'commander';
import { withExamples } from '../ui/examples.ts';
import type { Terminal } from '../ui/terminal.ts';

interface Flags {
  dryRun?: boolean;
  diff?: boolean;
  check?: boolean;
  json?: boolean;
  force?: boolean;
  wire?: boolean | string;
  unwire?: boolean;
  yes?: boolean;
  allowDirty?: boolean;
}

/** `evtgen generate [dir]`: writes the events code that the catalog asks for into the project. */
export function generateCommand(terminal: Terminal): Command {
  const command = new Command('generate')
    .argument('[dir]', 'the project to write into', '.')
    .option('--dry-run', 'say what would be written, and write nothing')
    .option('--diff', 'show the changes as a unified diff, and write nothing')
    .option('--check', 'write nothing, name the kernel version, and exit 1 if anything would be written')
    .option('--json', 'print one JSON document')
    .option('--force', 'overwrite generated files (schemas, registry, routes, tests) that were edited')
    .option(
      '--wire [all]',
      'also put the emit call into handlers, in their transaction or with one around the write; ' +
        '--wire=all also where a handler writes several times without a transaction',
    )
    .option('--unwire', 'with --wire, take calls away whose event the catalog no longer has')
    .option('--yes', 'with --wire, edit files without asking')
    .option('--allow-dirty', 'with --wire, edit files that have uncommitted changes')
    .addHelpText(
      'after',
      '\nEdited kernel files get the changes of a new evtgen merged in; what both changed is marked in the file.' +
        '\n\nExit codes: 0 done; 1 drift (--check), conflicts that were marked, or edited files that were left alone;' +
        '\n2 nothing could be done (no catalog, a broken one, an unsupported project, a target that cannot be written).',
    )
    .action(async (given: string, flags: Flags) => {
      // `--wire apps/api` names the folder.
      const isFolder = typeof flags.wire === 'string' && flags.wire !== 'all';
      const dir = isFolder && given === '.' ? String(flags.wire) : given;
      const { runGenerate } = await import('../generate/run.ts');
      process.exitCode = await runGenerate(
        {
          dir,
          isDry: flags.dryRun === true || flags.diff === true || flags.check === true,
          check: flags.check === true,
          diff: flags.diff === true,
          json: flags.json === true,
          force: flags.force === true,
          wire: flags.wire !== undefined,
          wireAll: flags.wire === 'all',
          unwire: flags.unwire === true,
          yes: flags.yes === true,
          allowDirty: flags.allowDirty === true,
        },
        terminal,
      );
    });
  return withExamples(command, [
    'evtgen generate',
    'evtgen generate --wire --diff',
    'evtgen generate apps/api --check',
  ]);
}
