import { withoutCredentials } from './credentials.ts';
import { describeError } from './describe-error.ts';
import { envelopeText } from './envelope.ts';
import { EventTooLargeError, InvalidEventError } from './errors.ts';
import type { EventIssue } from './errors.ts';
import { normalise } from './normalise.ts';
import type { Envelope, NewEvent } from './event.ts';
import type { EventDefinition } from './registry.ts';

/** What the caller of `emit` gives, untyped. */
export interface DraftInput {
  readonly data: unknown;
  readonly subject?: string | number | bigint | undefined;
  readonly eventId?: string | undefined;
  readonly tenant?: string | undefined;
  readonly actor?: string | undefined;
  readonly traceparent?: string | undefined;
}

export interface DraftContext {
  readonly source: string;
  readonly maxEventBytes: number;
  readonly isTenantRequired: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly newId: string;
}

/** An event ready for the log, or why it is not; `body` then is what a person gets to see. */
export type Draft =
  | { readonly isValid: true; readonly event: NewEvent }
  | { readonly isValid: false; readonly event: NewEvent; readonly error: InvalidEventError };

const MAX_ID_LENGTH = 256;
// https://www.w3.org/TR/trace-context/#traceparent-header-field-values
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

export function draftEvent(definition: EventDefinition, input: DraftInput, context: DraftContext): Draft {
  const issues: EventIssue[] = [];
  const eventId = checkedText('eventId', input.eventId, issues) ?? context.newId;
  if (eventId.includes('.')) issues.push({ path: 'eventId', message: 'must not contain a dot' });
  const subject = checkedText('subject', subjectText(input.subject), issues);
  const tenant = checkedText('tenant', input.tenant, issues);
  const actor = checkedText('actor', input.actor, issues);
  if (tenant === undefined && context.isTenantRequired)
    issues.push({ path: 'tenant', message: 'is missing' });
  const data = checkedData(definition, input.data, issues);

  const { eventType, version, audience } = definition;
  const timestamp = new Date(context.now).toISOString();
  const envelope: Envelope = {
    eventId,
    eventType,
    version,
    timestamp,
    source: context.source,
    data,
    subject,
    traceparent: validTraceparent(input.traceparent),
  };
  const body = envelopeText(envelope);
  const isIdGiven = input.eventId != null;
  const event: NewEvent = {
    eventId,
    isIdGiven,
    eventType,
    version,
    timestamp,
    audience,
    subject,
    tenant,
    actor,
    body,
  };
  if (issues.length > 0) return { isValid: false, event, error: new InvalidEventError(eventType, issues) };
  const bytes = Buffer.byteLength(body);
  if (bytes > context.maxEventBytes) {
    return { isValid: false, event, error: new EventTooLargeError(eventType, bytes, context.maxEventBytes) };
  }
  return { isValid: true, event };
}

/** The parsed data; when the schema refuses it, what was given, less credentials. */
function checkedData(definition: EventDefinition, given: unknown, issues: EventIssue[]): unknown {
  let plain: unknown;
  try {
    plain = normalise(given);
  } catch (error) {
    issues.push({ path: 'data', message: `cannot be read: ${describeError(error)}` });
    return null;
  }
  const parsed = definition.schema.safeParse(plain);
  if (parsed.success === false) {
    for (const { path, message } of parsed.error.issues) {
      issues.push({ path: ['data', ...path].map(String).join('.'), message });
    }
    return withoutCredentials(plain);
  }
  return parsed.data;
}

/** Ids are often numbers in the database; on the wire they are text. */
function subjectText(subject: DraftInput['subject']): string | undefined {
  return subject == null ? undefined : String(subject);
}

/** A database cannot store U+0000, and CloudEvents forbids control characters in attributes. */
function checkedText(path: string, value: string | undefined, issues: EventIssue[]): string | undefined {
  if (value == null) return undefined;
  const problem = textProblem(value);
  if (problem === undefined) return value;
  issues.push({ path, message: problem });
  return undefined;
}

function textProblem(value: unknown): string | undefined {
  if (typeof value !== 'string') return `expected text, got ${typeof value}`;
  if (value === '') return 'must not be empty';
  if (value.length > MAX_ID_LENGTH) return `has ${value.length} characters, the limit is ${MAX_ID_LENGTH}`;
  if (/\p{Cc}/u.test(value)) return 'must not contain control characters';
  return undefined;
}

/** A trace that cannot be read is left out, as the specification asks; it is no reason to refuse an event. */
function validTraceparent(value: string | undefined): string | undefined {
  return value != null && TRACEPARENT.test(value) ? value : undefined;
}
