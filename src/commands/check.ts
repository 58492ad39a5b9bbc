import { Command } from 'commander';
import { withExamples } from '../ui/examples.ts';
import { reportFormat } from '../ui/report-format.ts';
import type { Terminal } from '../ui/terminal.ts';

interface Flags {
  json?: true;
  github?: true;
  sarif?: true;
  strict?: true;
  base?: string;
}

/** `evtgen check [dir]`: whether code, catalog and generated files still say the same. */
export function checkCommand(terminal: Terminal): Command {
  const command = new Command('check')
    .argument('[dir]', 'the project to check, or the root of a monorepo', '.')
    .option('--json', 'print one JSON document')
    .option('--github', 'print GitHub annotations')
    .option('--sarif', 'print a SARIF 2.1.0 log')
    .option('--base <ref>', 'find breaking changes of the schemas since the branch left this git ref')
    .option('--strict', 'fail on warnings too')
    .addHelpText(
      'after',
      '\nFinds mutations without a decision, mutations that emit nothing, what in the catalog no code stands behind,' +
        '\nand generated files that are not what "evtgen generate" writes. Warns of what handlers send inside of a' +
        '\ntransaction or before they write, and of writes that nothing waits for; "// evtgen-ignore-next-line RULE: reason" silences one' +
        '\nsuch warning. Writes nothing.' +
        '\n\nExit codes: 0 all is well, but for warnings; 1 findings; 2 it could not be checked (no catalog, a broken one).',
    )
    .action(async (dir: string, flags: Flags) => {
      const format = reportFormat(flags, ['json', 'github', 'sarif']);
      const { base, strict } = flags;
      const { runCheck } = await import('../check/run.ts');
      process.exitCode = await runCheck({ dir, format, isStrict: strict === true, base }, terminal);
    });
  return withExamples(command, [
    'evtgen check',
    'evtgen check --base origin/main --github',
    'evtgen check apps/api --sarif > evtgen.sarif',
  ]);
}
