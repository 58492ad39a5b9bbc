import { oneLine } from '../ui/columns.ts';
import type { PlannedEvent } from './planned-event.ts';
import { SCENARIO_FOLDER, type ScenarioFile } from './scenario-file.ts';
import type { SentEvent } from './send-events.ts';

/** What would be sent. */
export function planReport(events: readonly PlannedEvent[], isJson: boolean): string[] {
  const shown = events.map(({ type, subject, data }) => ({ type, subject, data }));
  return isJson
    ? [JSON.stringify({ dryRun: true, events: shown })]
    : shown.map((event) => JSON.stringify(event, null, 2));
}

/** What there is to play. */
export function listReport(
  scenarios: readonly (ScenarioFile & { readonly name: string })[],
  isJson: boolean,
): string[] {
  const shown = scenarios.map(({ name, file, scenario: { description = null, steps } }) => {
    return { name, file, description, types: steps.map(({ type }) => type) };
  });
  if (isJson) return [JSON.stringify({ scenarios: shown })];
  if (shown.length === 0) return [`no scenarios in ${SCENARIO_FOLDER}`];
  return shown.flatMap(({ name, description, types }) => [
    description === null ? name : `${name}: ${oneLine(description)}`,
    `  ${types.join(', ')}`,
  ]);
}

/** More of them are summed up. */
const MAX_LISTED = 20;

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
  const steps = types.size > 1 && sent.length <= MAX_LISTED ? sent : [];
  const some = sent.length < wanted ? `${sent.length} of ${wanted}` : String(sent.length);
  const perSecond = Math.round(sent.length / seconds);
  const rate = seconds < 0.1 || perSecond < 1 ? '' : `, ${perSecond} a second`;
  return [
    ...steps.map(
      ({ type, subject, eventId }) => `  ${type}${subject === null ? '' : ` of ${subject}`}  ${eventId}`,
    ),
    `sent ${some} ${what} to ${place} in ${seconds.toFixed(1)} s${rate}`,
  ];
}
