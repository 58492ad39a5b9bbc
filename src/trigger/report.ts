import type { PlannedEvent } from './planned-event.ts';
import type { SentEvent } from './send-events.ts';

/** What would be sent. */
export function planReport(events: readonly PlannedEvent[], isJson: boolean): string[] {
  const shown = events.map(({ type, subject, data }) => ({ type, subject, data }));
  return isJson
    ? [JSON.stringify({ dryRun: true, events: shown })]
    : shown.map((event) => JSON.stringify(event, null, 2));
}

export interface SentFacts {
  readonly sent: readonly SentEvent[];
  readonly wanted: number;
  readonly seconds: number;
  readonly place: string;
}

export function sentReport({ sent, wanted, seconds, place }: SentFacts, isJson: boolean): string[] {
  if (isJson) return [JSON.stringify({ sent: sent.length, wanted, place, events: sent })];
  const [only] = sent;
  if (wanted === 1 && only !== undefined) {
    const subject = only.subject === null ? '' : ` of ${only.subject}`;
    return [`sent ${only.type}${subject} to ${place}`, `  event id  ${only.eventId}`];
  }
  const types = new Set(sent.map(({ type }) => type));
  const what = types.size === 1 ? [...types].join('') : 'events';
  const some = sent.length < wanted ? `${sent.length} of ${wanted}` : String(sent.length);
  const rate = seconds < 0.1 ? '' : `, ${Math.round(sent.length / seconds)} a second`;
  return [`sent ${some} ${what} to ${place} in ${seconds.toFixed(1)} s${rate}`];
}
