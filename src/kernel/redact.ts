import { redactedText, redactionOf } from './envelope.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './ports.ts';
import type { Tenant } from './subscription-ports.ts';

/** What an erasure request changed. */
export interface Redaction {
  /** Events whose data is gone. */
  readonly events: number;
  /** Deliveries that were still to be made, and will not be. */
  readonly cancelledDeliveries: number;
  /** Dead letters that cannot be replayed any more. */
  readonly deadLetters: number;
}

export interface RedactionStore {
  /**
   * Redacts up to `limit` events of a subject, by insert id, in one transaction with all that is kept of them
   * elsewhere: pending deliveries are cancelled, answers of receivers and dead letters lose what could quote the
   * data. The latter also of those that were redacted before.
   *
   * @param rewrite gives the text that takes the place of an envelope; undefined for one that was redacted before
   * @returns where the next page begins; undefined after the last
   */
  redactEvents(
    page: {
      readonly tenant: Tenant;
      readonly subject: string;
      readonly after: number;
      readonly limit: number;
    },
    rewrite: (body: string) => string | undefined,
  ): Promise<Redaction & { readonly next: number | undefined }>;
  /** Redacts what was refused by its schema and never reached the log; gives the number of dead letters. */
  redactRefused(
    tenant: Tenant,
    subject: string,
    rewrite: (body: string) => string | undefined,
  ): Promise<number>;
}

export interface Redactor {
  /**
   * Erases the data of all events of a subject, for an erasure request. What remains says that something happened,
   * when, and to what: id, type, version, subject, time and position. It can be repeated, and must be for events
   * that are emitted later, and for what receivers and brokers answer to what was being sent at that moment.
   *
   * From then on nothing of it is sent to webhooks, streams or brokers: what is left would fail the schemas of
   * whoever gets it. Only `history` and operators see it. What is being sent at that moment is not called back, and
   * what receivers and consumers have got is theirs to erase.
   *
   * @param options.tenant whose resource it is, in an application with tenants
   */
  redact(
    subject: string | number | bigint,
    options?: { readonly tenant?: string | undefined } | undefined,
  ): Promise<Redaction>;
}

const PAGE_SIZE = 200;

export function createRedactor(options: {
  readonly store: { readonly redaction: RedactionStore };
  readonly clock?: Clock | undefined;
}): Redactor {
  const store = options.store.redaction;
  const clock = options.clock ?? systemClock;

  return {
    async redact(subjectId, { tenant } = {}) {
      const subject = String(subjectId);
      const redactedAt = new Date(clock.now()).toISOString();
      const rewrite = (body: string): string | undefined =>
        redactionOf(body) === undefined ? redactedText(body, redactedAt) : undefined;
      const sum = { events: 0, cancelledDeliveries: 0, deadLetters: 0 };
      for (let after: number | undefined = 0; after !== undefined;) {
        const page = await store.redactEvents({ tenant, subject, after, limit: PAGE_SIZE }, rewrite);
        sum.events += page.events;
        sum.cancelledDeliveries += page.cancelledDeliveries;
        sum.deadLetters += page.deadLetters;
        after = page.next;
      }
      sum.deadLetters += await store.redactRefused(tenant, subject, rewrite);
      return sum;
    },
  };
}
