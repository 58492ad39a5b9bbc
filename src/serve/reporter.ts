import type { Alert } from '../kernel/alert.ts';
import type { Logger } from '../kernel/ports.ts';
import type { Terminal } from '../ui/terminal.ts';
import type { ReceivedRequest } from './receivers/receivers.ts';
import type { ExampleEvent } from './registry.ts';

export interface ReadyFacts {
  readonly url: string;
  readonly secret: string;
  /** Null in memory. */
  readonly dataDir: string | null;
  /** Null without a catalog. */
  readonly eventTypes: readonly string[] | null;
  readonly example: ExampleEvent;
}

/** Tells on the terminal what happens: for a person, or as JSON lines of which the first is the ready line. */
export interface Reporter {
  ready(facts: ReadyFacts): void;
  received(receiver: string, request: ReceivedRequest): void;
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
    ready({ url, secret, dataDir, eventTypes, example }) {
      if (isJson) {
        line({ ready: true, url, secret, pid: process.pid, dataDir });
        return;
      }
      const known =
        eventTypes === null
          ? 'any (no events/catalog.json here)'
          : `${eventTypes.length} from events/catalog.json`;
      terminal.result(`evtgen serve is ready: ${url}`);
      terminal.result(`  signing secret  ${secret}`);
      terminal.result(`  event types     ${known}`);
      terminal.result(`  data            ${dataDir ?? 'in memory'}`);
      terminal.result(
        `  try             curl ${url}/events -d '${JSON.stringify(example).replaceAll("'", String.raw`'\''`)}'`,
      );
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

    alert(alert) {
      if (isJson) line({ kind: 'alert', alert: alert.kind, message: alert.message, eventId: alert.eventId });
      else terminal.result(`${time()} ${alert.kind}: ${alert.message}`);
    },

    logger: { info: () => undefined, warn: trouble, error: trouble },
  };
}

function time(): string {
  return new Date().toTimeString().slice(0, 8);
}
