import { httpApi } from '../attach/http.ts';
import { ApiProblem } from '../attach/api.ts';
import { openUserDatabase } from '../attach/user-database.ts';
import { createEmitter } from '../kernel/emit.ts';
import type { LocalRegistry } from '../serve/registry.ts';
import { createEventStore } from '../stores/postgres/event-store.ts';
import { SchemaMissingError } from '../stores/postgres/schema-error.ts';
import type { SqlClient } from '../stores/postgres/sql.ts';
import { EvtgenError } from '../ui/errors.ts';
import type { Terminal } from '../ui/terminal.ts';
import type { PlannedEvent } from './planned-event.ts';

/** Where events are sent to. */
export interface EventSink {
  /** Where that is, for messages. */
  readonly place: string;
  /** Sends events and gives their ids, in this order; they are committed by then, all or none. */
  send(events: readonly PlannedEvent[]): Promise<readonly string[]>;
  close(): Promise<void>;
}

type PublishAnswer = { readonly eventId: string } | { readonly eventIds: readonly string[] };

/** A running `evtgen serve`. */
export function serveSink(url: string): EventSink {
  const api = httpApi(url);
  return {
    place: url,
    close: api.close,
    async send(events): Promise<readonly string[]> {
      const inputs = events.map(({ type, subject, data }) => ({ type, subject, data }));
      // One by itself is refused in words that name no place in a list.
      const body = inputs.length === 1 ? inputs[0] : inputs;
      try {
        const answer = (await api.call('POST', '/events', body)) as PublishAnswer;
        return 'eventIds' in answer ? answer.eventIds : [answer.eventId];
      } catch (error) {
        throw error instanceof ApiProblem ? refusalOf(error, url) : error;
      }
    },
  };
}

function refusalOf(problem: ApiProblem, url: string): EvtgenError {
  if (problem.status === 404 || problem.status === 405) {
    return new EvtgenError('no_server', `${url} takes no test events`, {
      hint: 'that is what "evtgen serve" does; the log of your own application is reached by --database-url',
    });
  }
  const lines = problem.details.map((line) => `\n  ${line}`);
  return new EvtgenError(problem.code, `${problem.message}${lines.join('')}`);
}

/** The event log of an application, by the emitter that the application has. */
export async function databaseSink(options: {
  readonly url: string | true;
  readonly registry: LocalRegistry;
  readonly source: string;
  readonly tenant: string | undefined;
  readonly terminal: Terminal;
}): Promise<EventSink> {
  const { registry, source, tenant, terminal } = options;
  const { sql, place, close } = await openUserDatabase(options.url, terminal);
  const emitter = createEmitter<Record<string, unknown>, SqlClient>({
    registry: registry.definitions,
    store: createEventStore(sql),
    source,
    onInvalid: 'throw',
  });
  return {
    place,
    close,
    async send(events): Promise<readonly string[]> {
      try {
        return await sql.transaction(async (tx) => {
          const eventIds: string[] = [];
          for (const { type, subject, data } of events) {
            eventIds.push((await emitter.emit(tx, type, { data, subject, tenant })).eventId);
          }
          return eventIds;
        });
      } catch (error) {
        if (!(error instanceof SchemaMissingError)) throw error;
        throw new EvtgenError(
          'no_event_log',
          `${place} has no event log: run the migrations of evtgen there`,
        );
      }
    },
  };
}
