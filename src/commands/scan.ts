import { Command } from 'commander';
import type { Terminal } from '../ui/terminal.ts';
import { withExamples } from '../ui/examples.ts';

/** `evtgen scan [dir]`: lists every mutation and keeps the catalog in step with the code. */
export function scanCommand(_terminal: Terminal): Command {
  return withExamples(
    new Command('scan')
      .description('find every POST, PUT, PATCH and DELETE handler and propose its event')
      .argument('[dir]', 'the project to scan', '.'),
    ['evtgen scan', 'evtgen scan apps/api --json', 'evtgen scan --check'],
  );
}
