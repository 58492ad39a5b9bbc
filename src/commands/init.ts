import { Command, Option } from 'commander';
import { brokerIds } from '../brokers/index.ts';
import { formatters } from '../generate/formatters.ts';
import type { Choices } from '../init/config-file.ts';
import { metricsBindings } from '../metrics/index.ts';
import { routeBindings } from '../routes/index.ts';
import { stores } from '../stores/index.ts';
import { withExamples } from '../ui/examples.ts';
import type { Terminal } from '../ui/terminal.ts';

const NONE = 'none';

interface Flags {
  framework?: string;
  store?: string;
  broker?: string;
  metrics?: string;
  formatter?: string;
  output?: string;
  migrations?: string;
  force?: true;
  dryRun?: true;
  json?: true;
}

/** `evtgen init [dir]`: finds out what generate goes by, and writes down what it could not find by itself. */
export function initCommand(terminal: Terminal): Command {
  const idsOf = (bindings: readonly { readonly id: string }[]): string[] => bindings.map(({ id }) => id);
  const command = new Command('init')
    .argument('[dir]', 'the package that holds the API', '.')
    .addOption(oneOf('framework', 'what the API runs on', idsOf(routeBindings)))
    .addOption(oneOf('store', 'what PostgreSQL is reached with', idsOf(stores)))
    .addOption(oneOf('broker', 'where events are published', [...brokerIds, NONE]))
    .addOption(oneOf('metrics', 'where measurements go', [...idsOf(metricsBindings), NONE]))
    .addOption(oneOf('formatter', 'what goes over the generated files', [...idsOf(formatters), NONE]))
    .option('--output <folder>', 'where generated code goes')
    .option('--migrations <folder>', 'where migrations go')
    .option('--force', 'let these flags win over what evtgen.config.json says')
    .option('--dry-run', 'say what would be written, and write nothing')
    .option('--json', 'print one JSON document, and ask nothing')
    .addHelpText(
      'after',
      '\nOn a terminal it asks what it cannot find out. The file gets what flags and answers say, and what generate' +
        '\ndoes not look for by itself (broker, metrics); what is in it already stays. Exit codes: 0 done; 2 nothing' +
        '\ncould be written (no package, no framework, the root of a monorepo, a flag against the file).',
    )
    .action(async (dir: string, flags: Flags) => {
      const { runInit } = await import('../init/run.ts');
      await runInit(
        {
          dir,
          said: choicesOf(flags),
          force: flags.force === true,
          isDry: flags.dryRun === true,
          json: flags.json === true,
        },
        terminal,
      );
    });
  return withExamples(command, [
    'evtgen init',
    'evtgen init apps/api --broker none',
    'evtgen init --framework express --store pg --dry-run',
  ]);
}

function oneOf(name: string, description: string, values: readonly string[]): Option {
  return new Option(`--${name} <name>`, description).choices(values);
}

function choicesOf({ framework, store, broker, metrics, formatter, output, migrations }: Flags): Choices {
  const orNull = (value: string): string | null => (value === NONE ? null : value);
  return {
    ...(framework === undefined ? {} : { framework }),
    ...(store === undefined ? {} : { store }),
    ...(broker === undefined ? {} : { broker: orNull(broker) }),
    ...(metrics === undefined ? {} : { metrics: orNull(metrics) }),
    ...(formatter === undefined ? {} : { formatter: orNull(formatter) }),
    ...(output === undefined ? {} : { output }),
    ...(migrations === undefined ? {} : { migrations }),
  };
}
