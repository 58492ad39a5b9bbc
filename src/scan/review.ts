import { NOT_CHOSEN, problemOf, type Decision, type Decisions } from '../catalog/decisions.ts';
import { mutationKey } from '../catalog/merge.ts';
import type { Catalog } from '../catalog/schema.ts';
import type { Mutation, ScanReport } from './report.ts';

/** Where questions are asked; the process's own terminal unless given. */
export interface PromptStreams {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** What a person is asked about: mutations that the catalog does not know, once each. */
export function newMutations(catalog: Catalog, report: ScanReport): Mutation[] {
  const fresh = new Map<string, Mutation>();
  for (const mutation of report.mutations) {
    const key = mutationKey(mutation);
    if (!Object.hasOwn(catalog.mutations, key) && !fresh.has(key)) fresh.set(key, mutation);
  }
  return [...fresh.values()];
}

/**
 * Walks through new mutations: which emit an event, which are named otherwise than proposed, and why the rest is
 * ignored. Loads the prompt library only here.
 */
export async function reviewMutations(
  fresh: readonly Mutation[],
  streams?: PromptStreams,
): Promise<Decisions> {
  const { checkbox, input } = await import('@inquirer/prompts');
  const decisions = new Map<string, Decision>();
  const emitting = await checkbox(
    {
      message: 'Which of these are to emit an event?',
      pageSize: 20,
      loop: false,
      // All of them were just on the screen.
      theme: {
        style: {
          renderSelectedChoices: (selected: readonly unknown[]) => `${selected.length} of ${fresh.length}`,
        },
      },
      choices: fresh.map((mutation) => ({
        value: mutation,
        name: `${mutationKey(mutation)}  ${nameOrKind(mutation)}`.trimEnd(),
        short: mutationKey(mutation),
        description: `${mutation.file}:${mutation.line}`,
        checked: isProposed(mutation),
      })),
    },
    streams,
  );
  const named = emitting.filter(({ eventType }) => eventType !== null);
  const renamed =
    named.length === 0
      ? []
      : await checkbox(
          {
            message: 'Which names do you want to change? (enter: none)',
            pageSize: 20,
            loop: false,
            choices: named.map((mutation) => ({
              value: mutation,
              name: `${mutation.eventType ?? ''}  ${mutationKey(mutation)}`,
              short: mutation.eventType ?? '',
            })),
          },
          streams,
        );
  for (const mutation of emitting) {
    const { eventType } = mutation;
    const isAsked = eventType === null || renamed.includes(mutation);
    const event = isAsked
      ? await input(
          {
            message: `Event type of ${mutationKey(mutation)}:`,
            ...(eventType === null ? {} : { default: eventType, prefill: 'editable' }),
            validate: (value) => {
              const problem = problemOf(value.trim());
              return problem === null || `"${value}" ${problem}`;
            },
          },
          streams,
        )
      : eventType;
    decisions.set(mutationKey(mutation), { event: event.trim() });
  }
  const ignored = fresh.filter((mutation) => !emitting.includes(mutation));
  const unwanted = ignored.filter(isProposed);
  const reason = unwanted.length === 0 ? '' : await input({ message: whyNot(unwanted) }, streams);
  for (const mutation of ignored) {
    const said = reason.trim() === '' ? NOT_CHOSEN : reason.trim();
    decisions.set(mutationKey(mutation), { ignore: isProposed(mutation) ? said : mutation.kind });
  }
  return decisions;
}

function whyNot(unwanted: readonly Mutation[]): string {
  const [only] = unwanted;
  return unwanted.length === 1 && only !== undefined
    ? `Why does ${mutationKey(only)} need no event? (enter: no reason)`
    : `Why do these ${unwanted.length} need no event? (enter: no reason)`;
}

function isProposed({ kind, eventType }: Mutation): boolean {
  return kind === 'mutation' && eventType !== null;
}

function nameOrKind({ kind, eventType }: Mutation): string {
  return kind === 'mutation' ? (eventType ?? '') : `${eventType ?? ''} (${kind})`.trimStart();
}
