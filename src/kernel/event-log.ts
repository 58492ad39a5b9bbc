import { createEventsApi } from './events-api.ts';
import type { EventsApiOptions } from './events-api.ts';
import { createHistory } from './history.ts';
import type { History } from './history.ts';
import type { Handler } from './http-api.ts';
import type { Clock } from './ports.ts';
import { createRedactor } from './redact.ts';
import type { RedactionStore, Redactor } from './redact.ts';

/** The log as something to ask, beside something to follow; `Inputs` maps event types to their data. */
export interface EventLog<Inputs> extends History<Inputs>, Redactor {
  /** `GET /events`, see `createEventsApi`. */
  readonly log: Handler;
}

export interface EventLogOptions extends EventsApiOptions {
  readonly store: EventsApiOptions['store'] & { readonly redaction: RedactionStore };
  readonly clock?: Clock | undefined;
}

/** @throws Error in production without `authorize` */
export function createEventLog<Inputs>(options: EventLogOptions): EventLog<Inputs> {
  return {
    ...createHistory<Inputs>(options),
    ...createRedactor(options),
    log: createEventsApi(options),
  };
}
