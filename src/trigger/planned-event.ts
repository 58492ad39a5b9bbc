import { draftEvent } from '../kernel/draft.ts';
import { MAX_EVENT_BYTES } from '../kernel/emit.ts';
import type { Json } from '../samples/sample.ts';
import { subjectIn, type SampledType } from '../samples/sample-event.ts';
import type { LocalRegistry } from '../serve/registry.ts';
import { EvtgenError } from '../ui/errors.ts';
import { nearest } from '../ui/nearest.ts';
import { droppedPaths } from './data-path.ts';

/** An event that is going to be sent, and has been judged as `emit` will. */
export interface PlannedEvent {
  readonly type: string;
  readonly subject: string | undefined;
  readonly data: Json;
  /** What is to pass before it is sent, in milliseconds; nothing unless given. */
  readonly delayMs?: number | undefined;
}

/** A type that the catalog has. @throws EvtgenError `unknown_event_type` naming what may have been meant. */
export function typeNamed(eventType: string, registry: LocalRegistry): SampledType {
  const type = registry.typeOf(eventType);
  if (type !== undefined) return type;
  if (registry.eventTypes === null) {
    throw new EvtgenError('unknown_event_type', `${JSON.stringify(eventType)} is no event type`, {
      hint: 'expected resource.action in lower snake case, such as order.created',
    });
  }
  const [resource] = eventType.split('.');
  const near = nearest(eventType, registry.eventTypes);
  const related =
    near.length > 0 ? near : registry.eventTypes.filter((name) => name.startsWith(`${resource}.`));
  throw new EvtgenError('unknown_event_type', `${JSON.stringify(eventType)} is not in events/catalog.json`, {
    hint:
      related.length > 0
        ? `did you mean ${related.slice(0, 5).join(', ')}?`
        : `known are ${registry.eventTypes.join(', ') || 'none'}`,
  });
}

export interface EventDraft {
  readonly data: Json;
  /** What the data says unless given. */
  readonly subject: string | undefined;
  /** Names the event in messages, where it is one of several. */
  readonly place?: string | undefined;
}

/**
 * Judges an event as `emit` does.
 * @returns the event, and the paths of its data that the schema does not declare and `emit` leaves out
 * @throws EvtgenError `invalid_event` with every path that is wrong
 */
export function planEvent(
  type: SampledType,
  { data, subject, place }: EventDraft,
  registry: LocalRegistry,
): { readonly event: PlannedEvent; readonly dropped: readonly string[] } {
  const { eventType, file } = type;
  registry.admit(eventType);
  const definition = registry.definitions[eventType];
  if (definition === undefined) throw new Error(`${eventType} has no definition`);
  const event = { type: eventType, subject: subject ?? subjectIn(data, type.subject), data };
  // None of these is stored: only the verdict counts.
  const context = {
    source: '/',
    maxEventBytes: MAX_EVENT_BYTES,
    isTenantRequired: false,
    now: 0,
    newId: 'id',
  };
  const draft = draftEvent(definition, event, context);
  if (!draft.isValid) {
    const lines = draft.error.issues.map((issue) => `\n  ${issue.path}: ${issue.message}`);
    const what = place === undefined ? eventType : `${place} (${eventType})`;
    throw new EvtgenError('invalid_event', `${what} does not fit ${file}:${lines.join('')}`);
  }
  const { data: kept } = JSON.parse(draft.event.body) as { readonly data: unknown };
  return { event, dropped: droppedPaths(data, kept) };
}
