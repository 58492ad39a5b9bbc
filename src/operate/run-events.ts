import { checkTenant, withApi, type ApiTarget } from '../attach/with-api.ts';
import { EvtgenError } from '../ui/errors.ts';
import { ExitCode } from '../ui/exit-code.ts';
import { createProgressBar } from '../ui/progress-bar.ts';
import type { Terminal } from '../ui/terminal.ts';
import { findEvent, listEvents, type EventQuery } from './events.ts';
import { eventLines, eventListLines, replayedLines } from './events-report.ts';
import { parseSince } from './moment.ts';
import { hintAtRefusals, replayEach, replayRange, type ReplayedFor } from './replay-events.ts';
import { tableWidth } from './table-width.ts';
import { deliveriesOf, subscriptionsOf } from './webhooks.ts';

export interface ListEventsOptions extends ApiTarget, EventQuery {
  readonly isJson: boolean;
}

export async function runEventsList(options: ListEventsOptions, terminal: Terminal): Promise<ExitCode> {
  const { isJson, since, limit } = options;
  const query = { ...options, since: since === undefined ? undefined : parseSince('--since', since) };
  return withApi(options, terminal, async (api) => {
    const found = await listEvents(api, query);
    const { items, cursor = null } = found;
    if (items.length === 0 && options.databaseUrl !== undefined) {
      terminal.note(
        'note: an event is in the log once a worker of the application has given it its position',
      );
    }
    if (isJson) terminal.result(JSON.stringify({ events: items, nextCursor: cursor }));
    else for (const line of eventListLines(found, tableWidth(terminal))) terminal.result(line);
    if (!isJson && cursor !== null && items.length === limit)
      terminal.note(`there are more: --cursor ${cursor}`);
    return ExitCode.done;
  });
}

export interface ShowEventOptions extends ApiTarget {
  readonly isJson: boolean;
}

export async function runEventsShow(
  idOrPosition: string,
  options: ShowEventOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  checkTenant(options);
  return withApi(options, terminal, async (api) => {
    const event = await findEvent(api, idOrPosition);
    const deliveries = await deliveriesOf(api, event.eventId);
    if (options.isJson) terminal.result(JSON.stringify({ event, deliveries }));
    else for (const line of eventLines(event, deliveries)) terminal.result(line);
    return ExitCode.done;
  });
}

export interface ReplayEventsOptions extends ApiTarget {
  readonly ids: readonly string[];
  readonly since: string | undefined;
  readonly types: readonly string[];
  readonly subscriptions: readonly string[];
  readonly isUndeliveredOnly: boolean;
  readonly isJson: boolean;
}

/** Exit code 1 when something could not be sent again. */
export async function runEventsReplay(options: ReplayEventsOptions, terminal: Terminal): Promise<ExitCode> {
  const { ids, since, types, isUndeliveredOnly, isJson } = options;
  checkTenant(options);
  if ((ids.length === 0) === (since === undefined)) {
    throw new EvtgenError('usage', 'name the events to replay, or say --since when', {
      hint: 'such as "evtgen events replay --since 2h --type order.created"',
    });
  }
  if (since === undefined && (types.length > 0 || isUndeliveredOnly)) {
    throw new EvtgenError('usage', '--type and --undelivered go with --since');
  }
  const start = since === undefined ? undefined : parseSince('--since', since);
  return withApi(options, terminal, async (api) => {
    const subscriptions = await subscriptionsOf(api, options.subscriptions);
    const bar = createProgressBar(terminal);
    let results: readonly ReplayedFor[];
    try {
      const show = (done: number, total: number): void => bar.show(done, total);
      if (start === undefined) {
        const events = await Promise.all(ids.map((id) => findEvent(api, id)));
        results = await replayEach(
          api,
          subscriptions,
          events.map(({ eventId }) => eventId),
          show,
        );
      } else {
        results = await replayRange(api, subscriptions, { since: start, types, isUndeliveredOnly }, show);
      }
    } finally {
      bar.end();
    }
    const replayed = results.reduce((sum, each) => sum + each.replayed, 0);
    if (isJson) terminal.result(JSON.stringify({ replayed, subscriptions: results }));
    else for (const line of replayedLines(results, api.place)) terminal.result(line);
    const refused = results.flatMap((each) => each.refused);
    hintAtRefusals(refused, terminal);
    return refused.length > 0 ? ExitCode.findings : ExitCode.done;
  });
}
