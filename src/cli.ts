import { Command, CommanderError } from 'commander';
import { createRequire } from 'node:module';
import { processTerminal, type Terminal } from './ui/terminal.ts';

interface CommandEntry {
  readonly name: string;
  /** What follows the name in a usage line. */
  readonly usage: string;
  readonly description: string;
  /** Called for the command that is asked for: help and version must not pay for all of them. */
  load(): Promise<(terminal: Terminal) => Command>;
}

const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'init',
    usage: '[options] [dir]',
    description: 'find out what your project is made of, and write evtgen.config.json',
    load: async () => (await import('./commands/init.ts')).initCommand,
  },
  {
    name: 'scan',
    usage: '[options] [dir]',
    description: 'find every POST, PUT, PATCH and DELETE handler and propose its event',
    load: async () => (await import('./commands/scan.ts')).scanCommand,
  },
  {
    name: 'generate',
    usage: '[options] [dir]',
    description: 'write the code for the events of the catalog into your project',
    load: async () => (await import('./commands/generate.ts')).generateCommand,
  },
  {
    name: 'check',
    usage: '[options] [dir]',
    description: 'exit 1 if code, catalog and generated files no longer say the same',
    load: async () => (await import('./commands/check.ts')).checkCommand,
  },
  {
    name: 'serve',
    usage: '[options]',
    description: 'run events, webhooks and streams locally, with a receiver and a page to watch them',
    load: async () => (await import('./commands/serve.ts')).serveCommand,
  },
  {
    name: 'trigger',
    usage: '[options] [type]',
    description: 'send sample events to a running serve, or into the database of an application',
    load: async () => (await import('./commands/trigger.ts')).triggerCommand,
  },
  {
    name: 'events',
    usage: '<list|show|replay> [options]',
    description: 'look into the event log of a serve or an application, and send from it again',
    load: async () => (await import('./commands/events.ts')).eventsCommand,
  },
  {
    name: 'dlq',
    usage: '<list|show|replay|purge> [options]',
    description: 'look into dead letters, put them back to work or delete them',
    load: async () => (await import('./commands/dlq.ts')).dlqCommand,
  },
  {
    name: 'verify-sig',
    usage: '[options]',
    description: 'check the signature of a received webhook and say why it fails',
    load: async () => (await import('./commands/verify-sig.ts')).verifySigCommand,
  },
  {
    name: 'sign',
    usage: '[options]',
    description: 'sign a body as a provider would',
    load: async () => (await import('./commands/sign.ts')).signCommand,
  },
  {
    name: 'demo',
    usage: '[options]',
    description: 'play the whole story on a sample shop: scan, generate, webhook, dead letter, replay',
    load: async () => (await import('./commands/demo.ts')).demoCommand,
  },
];

/** Runs the command line and leaves the exit code in `process.exitCode`. */
export async function main(argv: string[]): Promise<void> {
  endQuietlyOnClosedPipe();
  const terminal = processTerminal();
  try {
    const program = await buildProgram(terminal, argv.slice(2));
    await program.parseAsync(argv);
  } catch (error) {
    // Help and version end this way too.
    if (error instanceof CommanderError && error.exitCode === 0) return;
    const { reportError } = await import('./ui/report-error.ts');
    process.exitCode = reportError(error, terminal, argv.includes('--debug'));
  }
}

async function buildProgram(terminal: Terminal, args: readonly string[]): Promise<Command> {
  const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
  const program = new Command('evtgen')
    .description('Add events, signed webhooks and a live stream to the HTTP API you already have.')
    .version(version)
    .option('--debug', 'print stack traces')
    .showHelpAfterError('(run with --help for usage)')
    .configureHelp({ subcommandTerm: (command) => `${command.name()} ${command.usage()}` })
    .exitOverride();
  const wanted = commandNameOf(args);
  for (const { name, usage, description, load } of COMMANDS) {
    const command = name === wanted ? (await load())(terminal) : new Command(name);
    program.addCommand(inheriting(command.description(description).usage(usage), program));
  }
  return program;
}

function inheriting(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inheriting(child, command);
  return command;
}

/** The command that is to run, or that `help` is asked about. */
function commandNameOf(args: readonly string[]): string | undefined {
  const [first, second] = args.filter((arg) => !arg.startsWith('-'));
  return first === 'help' ? second : first;
}

/** `evtgen scan | head` closes our stdout early; that is no failure, and the command's own exit code stands. */
function endQuietlyOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      stream.destroy();
    });
  }
}
