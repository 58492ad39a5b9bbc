import { Command, Option } from 'commander';
import { withExamples } from '../ui/examples.ts';
import type { Terminal } from '../ui/terminal.ts';
import { collect } from './signature-options.ts';
import { addTargetOptions, parseLimit, targetOf, type TargetFlags } from './target-options.ts';

interface ListFlags extends TargetFlags {
  type?: string[];
  subject?: string;
  since?: string;
  limit: number;
  cursor?: string;
  json?: true;
}

interface ReplayFlags extends TargetFlags {
  since?: string;
  type?: string[];
  subscription?: string[];
  undelivered?: true;
  json?: true;
}

/** `evtgen events`: looks into a log and sends from it again. */
export function eventsCommand(terminal: Terminal): Command {
  const command = new Command('events')
    .addCommand(listCommand(terminal))
    .addCommand(showCommand(terminal))
    .addCommand(replayCommand(terminal));
  return withExamples(command, [
    `evtgen events list --type 'order.*' --since 2h`,
    'evtgen events show 1204',
    'evtgen events replay --since 2h --subscription 01920000-0000-7000-8000-000000000001',
  ]);
}

function listCommand(terminal: Terminal): Command {
  const command = new Command('list')
    .description('list events, the newest first, or with --since those since then')
    .option('--type <type>', 'of this type, or like order.*; repeat it', collect)
    .option('--subject <id>', 'of this resource')
    .option('--since <when>', 'after a position, since a time, or so long ago: 1200, 2026-01-31, 2h')
    .addOption(new Option('--limit <number>', 'so many at most').argParser(parseLimit).default(20))
    .option('--cursor <cursor>', 'goes on where a list ended');
  addTargetOptions(command)
    .option('--json', 'print one JSON document')
    .action(async ({ type = [], subject, since, limit, cursor, json, ...target }: ListFlags) => {
      const { runEventsList } = await import('../operate/run-events.ts');
      const isJson = json === true;
      const options = { ...targetOf(target), types: type, subject, since, limit, cursor, isJson };
      process.exitCode = await runEventsList(options, terminal);
    });
  return withExamples(command, [
    'evtgen events list',
    'evtgen events list --subject ord_1 --since 0 --json',
    `evtgen events list --url https://shop.example.com/api --header 'authorization: Bearer ...'`,
  ]);
}

function showCommand(terminal: Terminal): Command {
  const command = new Command('show')
    .description('show an event and what became of it at each subscription')
    .argument('<event>', 'its id, or its position');
  addTargetOptions(command)
    .option('--json', 'print one JSON document')
    .action(async (event: string, { json, ...target }: TargetFlags & { json?: true }) => {
      const { runEventsShow } = await import('../operate/run-events.ts');
      process.exitCode = await runEventsShow(event, { ...targetOf(target), isJson: json === true }, terminal);
    });
  return withExamples(command, [
    'evtgen events show 1204',
    'evtgen events show 01920000-0000-7000-8000-000000000001 --json',
    'evtgen events show 7 --database-url postgres://localhost:5432/shop',
  ]);
}

function replayCommand(terminal: Terminal): Command {
  const command = new Command('replay')
    .description('send events to their subscriptions again')
    .argument('[events...]', 'ids or positions')
    .option('--since <when>', 'all after a position, since a time, or so long ago: 1200, 2026-01-31, 2h')
    .option('--type <type>', 'of this type, or like order.*; repeat it', collect)
    .option('--subscription <id>', 'to this one; repeat it (default: all that are active)', collect)
    .option('--undelivered', 'only what was given up or never sent');
  addTargetOptions(command)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nA replay keeps the webhook-id, so that receivers can drop what they have seen, and has all attempts ahead.' +
        '\nExit code 1 when an event could not be sent again.',
    )
    .action(async (ids: string[], flags: ReplayFlags) => {
      const { since, type = [], subscription = [], undelivered, json, ...target } = flags;
      const { runEventsReplay } = await import('../operate/run-events.ts');
      process.exitCode = await runEventsReplay(
        {
          ...targetOf(target),
          ids,
          since,
          types: type,
          subscriptions: subscription,
          isUndeliveredOnly: undelivered === true,
          isJson: json === true,
        },
        terminal,
      );
    });
  return withExamples(command, [
    'evtgen events replay 1204',
    `evtgen events replay --since 2026-01-31T08:00:00Z --type 'order.*' --undelivered`,
    'evtgen events replay --since 1200 --subscription 01920000-0000-7000-8000-000000000001 --json',
  ]);
}
