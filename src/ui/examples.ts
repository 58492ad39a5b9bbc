import type { Command } from 'commander';

/** Ends a command's help with three real invocations. */
export function withExamples(command: Command, examples: readonly [string, string, string]): Command {
  return command.addHelpText('after', `\nExamples:\n${examples.map((line) => `  $ ${line}`).join('\n')}`);
}
