import { checkTenant, withApi, type ApiTarget } from '../attach/with-api.ts';
import { EvtgenError } from '../ui/errors.ts';
import { ExitCode } from '../ui/exit-code.ts';
import { createProgressBar } from '../ui/progress-bar.ts';
import type { Terminal } from '../ui/terminal.ts';
import {
  findLetter,
  listLetters,
  purgeLetters,
  purgeMatching,
  replayLetters,
  replayMatching,
  type LetterFilter,
} from './dead-letters.ts';
import { letterLines, letterListLines, letters, replayedLetterLines } from './dead-letters-report.ts';
import { parseTimeFlag } from './moment.ts';
import { hintAtRefusals } from './replay-events.ts';
import { tableWidth } from './table-width.ts';

/** Which dead letters are meant, as the flags say it. */
export interface LetterFlags extends ApiTarget {
  readonly kind: string | undefined;
  readonly type: string | undefined;
  readonly subscription: string | undefined;
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly state: string | undefined;
  readonly isJson: boolean;
}

export interface ListLettersOptions extends LetterFlags {
  readonly limit: number;
  readonly cursor: string | undefined;
}

export async function runLettersList(options: ListLettersOptions, terminal: Terminal): Promise<ExitCode> {
  const { limit, cursor, isJson } = options;
  const filter = filterOf(options);
  return withApi(options, terminal, async (api) => {
    const { items, cursor: next = null } = await listLetters(api, filter, limit, cursor);
    if (isJson) terminal.result(JSON.stringify({ deadLetters: items, nextCursor: next }));
    else for (const line of letterListLines(items, tableWidth(terminal))) terminal.result(line);
    if (!isJson && next !== null) terminal.note(`there are more: --cursor ${next}`);
    return ExitCode.done;
  });
}

export async function runLettersShow(
  id: string,
  options: ApiTarget & { readonly isJson: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  checkTenant(options);
  return withApi(options, terminal, async (api) => {
    const letter = await findLetter(api, id);
    if (options.isJson) terminal.result(JSON.stringify(letter));
    else for (const line of letterLines(letter)) terminal.result(line);
    return ExitCode.done;
  });
}

export interface ChosenLetters extends LetterFlags {
  readonly ids: readonly string[];
  readonly isAll: boolean;
}

/** Exit code 1 when some could not be replayed. */
export async function runLettersReplay(options: ChosenLetters, terminal: Terminal): Promise<ExitCode> {
  const filter = chosenFilter(options, 'replay');
  return withApi(options, terminal, async (api) => {
    const bar = createProgressBar(terminal);
    const show = (done: number, total: number): void => bar.show(done, total);
    const replay =
      filter === undefined ? replayLetters(api, options.ids, show) : replayMatching(api, filter, show);
    const result = await replay.finally(bar.end);
    if (options.isJson) terminal.result(JSON.stringify({ replayed: result.done, refused: result.refused }));
    else for (const line of replayedLetterLines(result)) terminal.result(line);
    hintAtRefusals(result.refused, terminal);
    return result.refused.length > 0 ? ExitCode.findings : ExitCode.done;
  });
}

export interface PurgeOptions extends ChosenLetters {
  readonly isConfirmed: boolean;
  /** Asks a person; false keeps them. */
  readonly confirm: (question: string) => Promise<boolean>;
}

export async function runLettersPurge(options: PurgeOptions, terminal: Terminal): Promise<ExitCode> {
  const filter = chosenFilter(options, 'purge');
  const { isConfirmed, ids, isJson } = options;
  if (!isConfirmed && !terminal.isInteractive) {
    throw new EvtgenError('not_confirmed', 'purging deletes for good: say --yes');
  }
  return withApi(options, terminal, async (api) => {
    if (!isConfirmed && !(await options.confirm(`${questionFor(options, filter)} at ${api.place}?`))) {
      terminal.note('nothing was purged');
      return ExitCode.done;
    }
    if (!isConfirmed) terminal.note('To skip this question next time, add --yes');
    const bar = createProgressBar(terminal);
    const show = (done: number, total: number): void => bar.show(done, total);
    const purge = filter === undefined ? purgeLetters(api, ids, show) : purgeMatching(api, filter, show);
    const purged = await purge.finally(bar.end);
    terminal.result(isJson ? JSON.stringify({ purged }) : `purged ${letters(purged)}`);
    return ExitCode.done;
  });
}

function questionFor({ ids }: ChosenLetters, filter: LetterFilter | undefined): string {
  if (filter === undefined) return `Purge ${letters(ids.length)} for good`;
  const { state = 'open', ...others } = filter;
  const which = Object.entries(others).flatMap(([name, value]) =>
    value === undefined ? [] : `${name} ${value}`,
  );
  return `Purge all ${state} dead letters${which.length === 0 ? '' : ` with ${which.join(', ')}`} for good`;
}

/** Undefined when single ones are named. @throws EvtgenError `usage` unless it is clear what is meant. */
function chosenFilter(options: ChosenLetters, verb: string): LetterFilter | undefined {
  const filter = filterOf(options);
  const { tenant: _tenant, ...narrowing } = filter;
  const hasFilter = Object.values(narrowing).some((value) => value !== undefined);
  const { ids, isAll } = options;
  if (ids.length > 0 && (hasFilter || isAll)) {
    throw new EvtgenError('usage', 'name dead letters, or say which ones by flags: not both');
  }
  if (ids.length > 0) return undefined;
  if (!hasFilter && !isAll) {
    throw new EvtgenError('usage', `which dead letters? Name them, or say --all`, {
      hint: `such as "evtgen dlq ${verb} --type order.created --since 2h"`,
    });
  }
  return { ...filter, state: filter.state ?? 'open' };
}

function filterOf({ kind, type, subscription, since, until, state, tenant }: LetterFlags): LetterFilter {
  return {
    kind,
    state,
    eventType: type,
    subscriptionId: subscription,
    tenant,
    createdAfter: since === undefined ? undefined : parseTimeFlag('--since', since),
    createdBefore: until === undefined ? undefined : parseTimeFlag('--until', until),
  };
}
