import { Command } from 'commander';
import { withExamples } from '../ui/examples.ts';
import type { Terminal } from '../ui/terminal.ts';

/** `evtgen demo`: the whole story on the bundled sample shop. */
export function demoCommand(terminal: Terminal): Command {
  const command = new Command('demo')
    .option('--dir <folder>', 'where to put the shop (default: a new temporary folder)')
    .option('--database-url <url>', 'an empty PostgreSQL database instead of the embedded one')
    .action(async (options: { dir?: string; databaseUrl?: string }) => {
      const { playDemo } = await import('../demo/story.ts');
      await playDemo(options, terminal);
    });
  return withExamples(command, [
    'evtgen demo',
    'evtgen demo --dir shop-with-events',
    'evtgen demo --database-url postgres://localhost:5432/demo',
  ]);
}
