import type { Alert } from '../kernel/alert.ts';
import type { Logger } from '../kernel/ports.ts';
import { formatDuration } from '../ui/duration.ts';
import type { Terminal } from '../ui/terminal.ts';
import type { ForwardedAttempt } from './attempt-reports.ts';
import type { Forward } from './forward-flag.ts';
import { describeKernel, type ProjectKernel } from './project-kernel.ts';
import { describeBehaviour } from './receivers/behaviour.ts';
import type { WantedReceiver } from './receivers/receiver-flag.ts';
import type { ReceivedRequest } from './receivers/receivers.ts';
import type { Schedule } from './time-scale.ts';

export interface ReadyFacts {
  readonly url: string;
  readonly secret: string;
  /** By which pages of other servers of this machine may write. */
  readonly token: string;
  /** Null when nothing is kept. */
  readonly dataDir: string | null;
  /** Null without a catalog. */
  readonly eventTypes: readonly string[] | null;
  /** Type of an event that can be tried first. */
  readonly example: string;
  /** Undefined where the project has none. */
  readonly kernel: ProjectKernel | undefined;
  /** Theirs runs. */
  readonly isProject: boolean;
  /** In this folder, without --url. */
  readonly isFoundByTrigger: boolean;
  readonly schedule: Schedule;
  readonly forwards: readonly Forward[];
  readonly receivers: readonly WantedReceiver[];
}

/** On the database of an application. */
export interface AttachedFacts extends Pick<ReadyFacts, 'url' | 'eventTypes' | 'kernel' | 'isProject'> {
  /** Without the password. */
  readonly database: string;
  readonly isReadOnly: boolean;
}

/** Tells on the terminal what happens: for a person, or as JSON lines of which the first is the ready line. */
export interface Reporter {
  ready(facts: ReadyFacts): void;
  attached(facts: AttachedFacts): void;
  received(receiver: string, request: ReceivedRequest): void;
  /** An attempt at an endpoint that is not ours. */
  forwarded(attempt: ForwardedAttempt): void;
  alert(alert: Alert): void;
  /** Trouble of the runtime itself. */
  readonly logger: Logger;
}

export function createReporter(terminal: Terminal, isJson: boolean): Reporter {
  const line = (value: object): void => terminal.result(JSON.stringify(value));
  const trouble = (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    const error = typeof fields['error'] === 'string' ? `: ${fields['error']}` : '';
    terminal.note(`warning: ${message}${error}`);
  };

  return {
    ready(facts) {
      const { url, secret, token, dataDir, example, kernel, isProject } = facts;
      const { isFoundByTrigger, schedule, forwards, receivers } = facts;
      if (isJson) {
        line({
          ready: true,
          url,
          secret,
          token,
          pid: process.pid,
          dataDir,
          kernel,
          isProject,
          schedule,
          forwards,
        });
        return;
      }
      terminal.result(`evtgen serve is ready: ${url}`);
      terminal.result(`  signing secret  ${secret}`);
      terminal.result(`  event types     ${describeTypes(facts)}`);
      terminal.result(`  data            ${dataDir ?? 'gone when it ends'}`);
      terminal.result(`  retries         ${describeSchedule(schedule)}`);
      if (kernel !== undefined) terminal.result(`  kernel          ${describeKernel(kernel, isProject)}`);
      for (const forward of forwards) {
        terminal.result(`  forwards        ${forward.eventTypes.join(', ')} to ${forward.url}`);
      }
      for (const { name, behaviour } of receivers) {
        terminal.result(`  receiver        ${name} ${describeBehaviour(behaviour)}`);
      }
      terminal.result(
        `  try             evtgen trigger ${example}${isFoundByTrigger ? '' : ` --url ${url}`}`,
      );
    },

    attached(facts) {
      const { url, database, isReadOnly, kernel, isProject } = facts;
      if (isJson) {
        line({ ready: true, url, secret: null, pid: process.pid, database, isReadOnly, kernel, isProject });
        return;
      }
      const work = isReadOnly ? 'read only; with --worker the background work runs here' : 'worker';
      terminal.result(`evtgen serve is ready: ${url}`);
      terminal.result(`  database        ${database} (${work})`);
      terminal.result(`  event types     ${describeTypes(facts)}`);
      if (kernel !== undefined) terminal.result(`  kernel          ${describeKernel(kernel, isProject)}`);
      terminal.result(`  try             evtgen events list --url ${url}`);
    },

    received(receiver, { eventType, answered, fault, verification }) {
      if (isJson) {
        line({
          kind: 'received',
          receiver,
          eventType,
          answered,
          fault,
          verified: verification.ok,
          code: verification.code,
        });
        return;
      }
      const verdict = verification.ok
        ? 'signature verified'
        : `signature not verified: ${verification.message}`;
      const answer = fault === null ? `answered ${answered}` : fault.replaceAll('_', ' ');
      terminal.result(`${time()} ${receiver} got ${eventType ?? 'a request'}, ${answer}, ${verdict}`);
    },

    forwarded({ url, eventType, eventId, attempt, state, delayMs }) {
      const { status, failure, error, durationMs } = attempt;
      if (isJson) {
        const nextInMs = state === 'pending' ? delayMs : undefined;
        const outcome = { status, failure, error, durationMs, state, nextInMs };
        line({ kind: 'forwarded', url, eventType, eventId, ...outcome });
        return;
      }
      const { origin, pathname } = new URL(url);
      const why = error === undefined ? '' : `: ${error}`;
      const next = state === 'pending' ? `, again in ${formatDuration(delayMs)}` : '';
      terminal.result(
        `${time()} <-- [${status ?? failure}] POST ${origin}${pathname} ${eventType} [${eventId}] ${durationMs} ms${why}${next}`,
      );
    },

    alert(alert) {
      if (isJson) line({ kind: 'alert', alert: alert.kind, message: alert.message, eventId: alert.eventId });
      else terminal.result(`${time()} ${alert.kind}: ${alert.message}`);
    },

    logger: { info: () => undefined, warn: trouble, error: trouble },
  };
}

function describeTypes({ eventTypes, kernel, isProject }: AttachedFacts | ReadyFacts): string {
  if (eventTypes === null) return 'any (no events/catalog.json here)';
  const from = isProject && kernel !== undefined ? `${kernel.output}/registry` : 'events/catalog.json';
  return `${eventTypes.length} from ${from}`;
}

/** `1m, 5m; at 60 times the speed: 1s, 5s`. */
function describeSchedule({ timeScale, realMs, compressedMs }: Schedule): string {
  const list = (delays: readonly number[]): string => delays.map(formatDuration).join(', ');
  const real = realMs.length === 0 ? 'none' : `after ${list(realMs)}`;
  return timeScale === 1 ? real : `${real}; at ${timeScale} times the speed: ${list(compressedMs)}`;
}

function time(): string {
  return new Date().toTimeString().slice(0, 8);
}
