import { Command, CommanderError } from 'commander';
import { createRequire } from 'node:module';
import { generateCommand } from './commands/generate.ts';
import { scanCommand } from './commands/scan.ts';
import { serveCommand } from './commands/serve.ts';
import { verifySigCommand } from './commands/verify-sig.ts';
import { EvtgenError, rootMessage } from './ui/errors.ts';
import { ExitCode } from './ui/exit-code.ts';
import { processTerminal, type Terminal } from './ui/terminal.ts';

/** Runs the command line and leaves the exit code in `process.exitCode`. */
export async function main(argv: string[]): Promise<void> {
  endQuietlyOnClosedPipe();
  const terminal = processTerminal();
  try {
    await buildProgram(terminal).parseAsync(argv);
  } catch (error) {
    process.exitCode = report(error, terminal);
  }
}

function buildProgram(terminal: Terminal): Command {
  const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
  const program = new Command('evtgen')
    .description('Add events, signed webhooks and a live stream to the HTTP API you already have.')
    .version(version)
    .option('--debug', 'print stack traces')
    .showHelpAfterError('(run with --help for usage)')
    .exitOverride();
  for (const create of [scanCommand, generateCommand, serveCommand, verifySigCommand]) {
    program.addCommand(create(terminal).copyInheritedSettings(program));
  }
  return program;
}

function report(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
  const isDebug = process.argv.includes('--debug');
  if (error instanceof Error && error.name === 'ExitPromptError') return ExitCode.interrupted;
  if (error instanceof EvtgenError) {
    const cause = error.cause === undefined ? '' : `: ${rootMessage(error)}`;
    terminal.note(`error: ${error.message}${cause}`);
    if (error.hint !== undefined) terminal.note(`hint: ${error.hint}`);
    if (isDebug) terminal.note(String(error.stack));
    return error.exitCode;
  }
  terminal.note(`error: evtgen failed in a way it should not: ${rootMessage(error)}`);
  terminal.note(
    'hint: this is a bug in evtgen; please report it with the output of the same command and --debug',
  );
  if (isDebug && error instanceof Error) terminal.note(String(error.stack));
  return ExitCode.bug;
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
