import { scanCommand } from '../../src/commands/scan.ts';
import type { Terminal } from '../../src/ui/terminal.ts';

/** Runs `evtgen scan` in a folder, without a TTY unless told so; gives what it printed and its exit code. */
export async function scanIn(
  root: string,
  ...args: string[]
): Promise<{ result: string[]; notes: string[]; progress: (string | null)[]; exitCode: unknown }> {
  const result: string[] = [];
  const notes: string[] = [];
  const progress: (string | null)[] = [];
  const terminal: Terminal = {
    cwd: root,
    env: { NO_COLOR: '1' },
    isInteractive: false,
    columns: 80,
    result: (line) => result.push(line),
    note: (line) => notes.push(line),
    progress: (text) => progress.push(text),
  };
  const before = process.exitCode;
  process.exitCode = undefined;
  await scanCommand(terminal).exitOverride().parseAsync(args, { from: 'user' });
  const { exitCode } = process;
  process.exitCode = before;
  return { result, notes, progress, exitCode };
}
