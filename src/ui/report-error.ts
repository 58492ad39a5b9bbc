import { CommanderError } from 'commander';
import { EvtgenError, rootMessage } from './errors.ts';
import { ExitCode } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/** Tells the user what went wrong, in one line where they can act on it, and gives the exit code. */
export function reportError(error: unknown, terminal: Terminal, isDebug: boolean): ExitCode {
  // commander has printed its own message.
  if (error instanceof CommanderError) return ExitCode.usage;
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
