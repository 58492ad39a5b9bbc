import { brokers } from '../brokers/index.ts';
import type { Config } from '../config/load.ts';
import { frameworksIn } from '../generate/detect-framework.ts';
import type { ApiPackage } from '../generate/api-packages.ts';
import { linkedClient, type PackageFacts } from '../generate/package.ts';
import { metricsBindings } from '../metrics/index.ts';
import { routeBindings } from '../routes/index.ts';
import { detectOrm } from '../scan/orm.ts';
import { stores } from '../stores/index.ts';
import type { PromptStreams } from '../scan/review.ts';
import type { Choices } from './config-file.ts';

/** Something that cannot be told from the project. */
export interface Question {
  readonly key: 'framework' | 'store' | 'broker';
  readonly message: string;
  /** Null stands for none. */
  readonly answers: readonly { readonly value: string | null; readonly name: string }[];
  /** What is taken where nobody can be asked, in words; undefined where nothing can be. */
  readonly otherwise: string | undefined;
}

/** What generate would not find by itself, told by what the project depends on at run time. */
export interface Suggestion {
  readonly id: string;
  /** The dependency. */
  readonly package: string;
}

export function suggestedBrokers(facts: PackageFacts): Suggestion[] {
  return suggestions(brokers, facts);
}

export function suggestedMetrics(facts: PackageFacts): Suggestion[] {
  return suggestions(metricsBindings, facts);
}

function suggestions(
  bindings: readonly { readonly id: string; readonly packages: readonly string[] }[],
  { manifest }: PackageFacts,
): Suggestion[] {
  const { dependencies, peerDependencies, optionalDependencies } = manifest;
  const names = { ...optionalDependencies, ...peerDependencies, ...dependencies };
  const found = new Map<string, Suggestion>();
  for (const { id, packages } of bindings) {
    const [client] = packages;
    if (client !== undefined && names[client] !== undefined && !found.has(id))
      found.set(id, { id, package: client });
  }
  return [...found.values()];
}

/** What neither the config nor the project tells. */
export function openQuestions(facts: PackageFacts, config: Config): Question[] {
  const questions: Question[] = [];
  const { manifest, available } = facts;
  if (config.framework === undefined && frameworksIn(manifest).length === 0) {
    questions.push({
      key: 'framework',
      message: 'No framework found that evtgen writes for. Which one does this API run on?',
      answers: routeBindings.map(({ id, title }) => ({ value: id, name: title })),
      otherwise: undefined,
    });
  }
  const clients = stores.flatMap(({ packages }) => packages);
  if (
    config.store === undefined &&
    !clients.some((name) => available.has(name)) &&
    linkedClient(facts, clients) === undefined
  ) {
    const other = detectOrm(new Set(available.keys()));
    questions.push({
      key: 'store',
      message: `${other === null ? 'No client of PostgreSQL' : `Only ${other}`} found. What is PostgreSQL reached with?`,
      answers: stores.map(({ id }) => ({ value: id, name: id })),
      otherwise: `no client of PostgreSQL among the dependencies${other === null ? '' : `, only ${other}`}: "pg" is taken; --store names another`,
    });
  }
  const suggested = suggestedBrokers(facts);
  if (config.broker === undefined && suggested.length > 1) {
    const ids = suggested.map(({ id }) => id);
    questions.push({
      key: 'broker',
      message: `Which broker do events go to, if any? (${listed(suggested.map((each) => each.package))} found)`,
      answers: [
        { value: null, name: 'none: webhooks and streams only' },
        ...suggested.map(({ id, package: name }) => ({ value: id, name: `${id} (${name})` })),
      ],
      otherwise: `events could go to ${ids.join(' or ')}: none is taken; --broker names one, or none`,
    });
  }
  return questions;
}

function listed(names: readonly string[]): string {
  return [...new Set(names)].join(', ');
}

/** Puts the questions to the person at the terminal. Loads the prompt library only here. */
export async function ask(questions: readonly Question[], streams?: PromptStreams): Promise<Choices> {
  const { select } = await import('@inquirer/prompts');
  const choices: Choices = {};
  for (const { key, message, answers } of questions) {
    const answer = await select({ message, choices: answers, loop: false, pageSize: 12 }, streams);
    Object.assign(choices, { [key]: answer });
  }
  return choices;
}

/** @returns the folder of the package that is meant. */
export async function askPackage(packages: readonly ApiPackage[], streams?: PromptStreams): Promise<string> {
  const { select } = await import('@inquirer/prompts');
  return select(
    {
      message: 'This is the root of a monorepo. Which package is it about?',
      choices: packages.map(({ folder, says }) => ({ value: folder, name: `${folder} (${says})` })),
      loop: false,
    },
    streams,
  );
}
