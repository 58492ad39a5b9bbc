import { Command, Option } from 'commander';
import type { LetterFlags } from '../operate/run-dead-letters.ts';
import { withExamples } from '../ui/examples.ts';
import type { Terminal } from '../ui/terminal.ts';
import { addTargetOptions, parseLimit, targetOf, type TargetFlags } from './target-options.ts';

interface FilterFlags extends TargetFlags {
  kind?: string;
  type?: string;
  subscription?: string;
  since?: string;
  until?: string;
  state?: string;
  json?: true;
}

interface ChoiceFlags extends FilterFlags {
  all?: true;
}

/** `evtgen dlq`: what was given up. */
export function dlqCommand(terminal: Terminal): Command {
  const command = new Command('dlq')
    .addCommand(listCommand(terminal))
    .addCommand(showCommand(terminal))
    .addCommand(replayCommand(terminal))
    .addCommand(purgeCommand(terminal));
  return withExamples(command, [
    'evtgen dlq list --since 2h',
    `evtgen dlq replay --type 'order.*'`,
    'evtgen dlq purge --until 30d --yes',
  ]);
}

function listCommand(terminal: Terminal): Command {
  const command = addFilterOptions(new Command('list').description('list dead letters, the oldest first'))
    .addOption(new Option('--limit <number>', 'so many at most').argParser(parseLimit).default(20))
    .option('--cursor <cursor>', 'goes on where a list ended');
  addTargetOptions(command)
    .option('--json', 'print one JSON document')
    .action(async ({ limit, cursor, ...flags }: FilterFlags & { limit: number; cursor?: string }) => {
      const { runLettersList } = await import('../operate/run-dead-letters.ts');
      process.exitCode = await runLettersList({ ...filterFlagsOf(flags), limit, cursor }, terminal);
    });
  return withExamples(command, [
    'evtgen dlq list',
    `evtgen dlq list --kind delivery_exhausted --type 'order.*' --since 2026-01-31`,
    'evtgen dlq list --database-url postgres://localhost:5432/shop --json',
  ]);
}

function showCommand(terminal: Terminal): Command {
  const command = new Command('show')
    .description('show a dead letter with its event and all attempts')
    .argument('<id>', 'of the dead letter');
  addTargetOptions(command)
    .option('--json', 'print one JSON document')
    .action(async (id: string, { json, ...target }: TargetFlags & { json?: true }) => {
      const { runLettersShow } = await import('../operate/run-dead-letters.ts');
      process.exitCode = await runLettersShow(id, { ...targetOf(target), isJson: json === true }, terminal);
    });
  return withExamples(command, [
    'evtgen dlq show 01920000-0000-7000-8000-000000000001',
    'evtgen dlq show 01920000-0000-7000-8000-000000000001 --json',
    'evtgen dlq show 01920000-0000-7000-8000-000000000001 --url http://localhost:3000/api',
  ]);
}

function replayCommand(terminal: Terminal): Command {
  const command = addChoiceOptions(
    new Command('replay').description('put dead letters back to work, with all attempts ahead'),
    'replay',
  );
  addTargetOptions(command)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExit code 1 when one could not be replayed, because its subscription is off for example.',
    )
    .action(async (ids: string[], { all, ...flags }: ChoiceFlags) => {
      const { runLettersReplay } = await import('../operate/run-dead-letters.ts');
      const options = { ...filterFlagsOf(flags), ids, isAll: all === true };
      process.exitCode = await runLettersReplay(options, terminal);
    });
  return withExamples(command, [
    'evtgen dlq replay 01920000-0000-7000-8000-000000000001',
    `evtgen dlq replay --type 'order.*' --since 2h`,
    'evtgen dlq replay --all --json',
  ]);
}

function purgeCommand(terminal: Terminal): Command {
  const command = addChoiceOptions(new Command('purge').description('delete dead letters for good'), 'purge')
    .addOption(new Option('--state <state>', 'open unless given').choices(['open', 'replayed']))
    .option('--yes', 'do not ask');
  addTargetOptions(command)
    .option('--json', 'print one JSON document')
    .action(async (ids: string[], { all, yes, ...flags }: ChoiceFlags & { yes?: true }) => {
      const { runLettersPurge } = await import('../operate/run-dead-letters.ts');
      const options = {
        ...filterFlagsOf(flags),
        ids,
        isAll: all === true,
        isConfirmed: yes === true,
        async confirm(message: string): Promise<boolean> {
          const { confirm } = await import('@inquirer/prompts');
          return confirm({ message, default: false });
        },
      };
      process.exitCode = await runLettersPurge(options, terminal);
    });
  return withExamples(command, [
    'evtgen dlq purge 01920000-0000-7000-8000-000000000001',
    'evtgen dlq purge --until 30d --yes',
    'evtgen dlq purge --all --state replayed --database-url --yes',
  ]);
}

/** Single ones, or many at a time. */
function addChoiceOptions(command: Command, verb: string): Command {
  return addFilters(command.argument('[ids...]', 'of the dead letters')).option('--all', `${verb} all`);
}

function addFilterOptions(command: Command): Command {
  return addFilters(command).addOption(
    new Option('--state <state>', 'open unless given').choices(['open', 'replayed']),
  );
}

function addFilters(command: Command): Command {
  return command
    .addOption(
      new Option('--kind <kind>', 'what was given up').choices(['delivery_exhausted', 'pipeline_error']),
    )
    .option('--type <type>', 'of this event type, or like order.*')
    .option('--subscription <id>', 'of this one')
    .option('--since <when>', 'given up since a time, or so long ago: 2026-01-31, 2h')
    .option('--until <when>', 'given up before a time, or longer ago');
}

function filterFlagsOf({
  kind,
  type,
  subscription,
  since,
  until,
  state,
  json,
  ...target
}: FilterFlags): LetterFlags {
  return { ...targetOf(target), kind, type, subscription, since, until, state, isJson: json === true };
}
