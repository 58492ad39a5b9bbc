import { join, resolve } from 'node:path';
import { CONFIG_FILE, configSchema, loadConfig, type Config } from '../config/load.ts';
import { parseJson, readTextIfPresent } from '../config/json-file.ts';
import { writeAtomically } from '../config/write-file.ts';
import { createFormatter, type Formatter } from '../generate/format.ts';
import { apiPackages, refuseMonorepoRoot } from '../generate/api-packages.ts';
import { readPackage, type PackageFacts } from '../generate/package.ts';
import { checkFolder } from '../generate/project.ts';
import type { PromptStreams } from '../scan/review.ts';
import { EvtgenError } from '../ui/errors.ts';
import { shellWord } from '../ui/shell-word.ts';
import type { Terminal } from '../ui/terminal.ts';
import { contradictions, schemaPath, withChoices, type Choices } from './config-file.ts';
import { findings } from './findings.ts';
import {
  ask,
  askPackage,
  openQuestions,
  suggestedBrokers,
  suggestedMetrics,
  type Question,
} from './questions.ts';
import { printInit, type InitReport } from './report.ts';

export interface InitOptions {
  readonly dir: string;
  /** What the flags say. */
  readonly said: Choices;
  /** Flags win over what the file says. */
  readonly force: boolean;
  readonly isDry: boolean;
  readonly json: boolean;
}

/**
 * Runs `evtgen init`: looks, asks what is left, and writes what generate could not know by itself.
 * @param streams where questions are asked; the process's own terminal unless given.
 */
export async function runInit(
  options: InitOptions,
  terminal: Terminal,
  streams?: PromptStreams,
): Promise<void> {
  const isAsking = terminal.isInteractive && !options.json;
  const dir = await packageFolder(options.dir, isAsking, terminal, streams);
  const root = resolve(terminal.cwd, dir);
  const facts = readPackage(root);
  const config = loadConfig(root);
  parseJson('the flags', JSON.stringify(options.said), configSchema);
  refuseContradictions(config, options);

  const questions = openQuestions(facts, { ...config, ...options.said });
  const answers = isAsking ? await ask(questions, streams) : withoutAnswers(questions);
  const said: Choices = { ...options.said, ...answers };
  const suggestions = [...suggestedBrokers(facts), ...suggestedMetrics(facts)];
  const choices: Choices = { ...suggested(facts, { ...config, ...said }), ...said };
  const $schema = config.$schema === undefined ? schemaPath(root) : undefined;
  if ($schema !== undefined) choices.$schema = $schema;

  const { found, warnings } = findings({ root, facts, config, choices, said, suggestions });
  const before = readTextIfPresent(join(root, CONFIG_FILE));
  const formatter = createFormatter(
    root,
    choices.formatter === undefined ? config.formatter : choices.formatter,
  );
  const after = await fileAfter(before, config, choices, formatter);
  if (after !== before && !options.isDry) writeAtomically(root, CONFIG_FILE, after ?? '');
  const report: InitReport = {
    root,
    dir,
    found,
    warnings: [
      ...(isAsking ? [] : questions.flatMap(({ otherwise }) => otherwise ?? [])),
      ...warnings,
      ...formatter.warnings,
    ],
    before,
    after,
    isDry: options.isDry,
    hasSchema: (config.$schema ?? $schema) !== undefined,
    command:
      isAsking && (questions.length > 0 || dir !== options.dir) ? skippingCommand(dir, said) : undefined,
  };
  printInit(report, options.json, terminal);
}

/** The folder of the package, which at the root of a monorepo has to be said or asked. */
async function packageFolder(
  dir: string,
  isAsking: boolean,
  terminal: Terminal,
  streams: PromptStreams | undefined,
): Promise<string> {
  checkFolder(resolve(terminal.cwd, dir));
  const packages = apiPackages(dir, terminal);
  if (packages === undefined) return dir;
  return packages.length > 0 && isAsking
    ? askPackage(packages, streams)
    : refuseMonorepoRoot(packages, 'init', dir);
}

function refuseContradictions(config: Config, { said, force }: InitOptions): void {
  const [key] = force ? [] : contradictions(config, said);
  if (key === undefined) return;
  throw new EvtgenError(
    'already_configured',
    `${CONFIG_FILE} has "${key}": ${JSON.stringify(config[key])}, not ${JSON.stringify(said[key])}`,
    { hint: 'nothing was written; --force replaces what the flags say and keeps the rest' },
  );
}

/** Where nobody can be asked, what is usual is taken; a framework has no such thing. */
function withoutAnswers(questions: readonly Question[]): Choices {
  if (questions.some(({ otherwise }) => otherwise === undefined)) {
    throw new EvtgenError('unsupported_framework', 'package.json names no framework that evtgen writes for', {
      hint: 'name it with --framework (see evtgen init --help), or run evtgen in the folder of the package that holds the API',
    });
  }
  return {};
}

/** What generate does not look for, where only one thing can be meant. */
function suggested(facts: PackageFacts, known: Config): Choices {
  const choices: Choices = {};
  const [broker, otherBroker] = suggestedBrokers(facts);
  if (known.broker === undefined && broker !== undefined && otherBroker === undefined)
    choices.broker = broker.id;
  const [metrics] = suggestedMetrics(facts);
  if (known.metrics === undefined && metrics !== undefined) choices.metrics = metrics.id;
  return choices;
}

async function fileAfter(
  before: string | undefined,
  config: Config,
  choices: Choices,
  formatter: Formatter,
): Promise<string | undefined> {
  if (before === undefined && Object.keys(choices).length === 0) return undefined;
  const text = withChoices(before, config, choices);
  if (text === before) return before;
  const [formatted] = await formatter.format([{ path: CONFIG_FILE, text }]);
  return formatted ?? text;
}

function skippingCommand(dir: string, said: Choices): string {
  const flags = Object.entries(said).flatMap(([key, value]) => [`--${key}`, value ?? 'none']);
  return ['evtgen', 'init', ...(dir === '.' ? [] : [dir]), ...flags].map(shellWord).join(' ');
}
