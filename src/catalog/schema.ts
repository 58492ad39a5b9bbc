import { z } from 'zod';

/** `resource.action`: two or more parts, lower snake within a part (DESIGN "Words"). */
export const EVENT_TYPE_PATTERN = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*(?:\.[a-z][a-z0-9]*(?:_[a-z0-9]+)*)+$/;

const eventTypeName = z.string().regex(EVENT_TYPE_PATTERN, 'expected resource.action in lower snake case');

const day = z.iso.date();

const deprecation = z
  .strictObject({
    /** From when on the version is not advised any more; subscribers are told by a `Deprecation` header. */
    since: day,
    /** When it ceases to be served; told by a `Sunset` header. */
    sunset: day.optional(),
  })
  .refine(({ since, sunset = since }) => sunset >= since, 'expected a sunset that is not before since');

const eventTypeEntry = z.strictObject({
  /** Newest schema version; the file is `events/schemas/<type>.v<version>.json`. */
  version: z.int().min(1),
  /** Webhooks and streams see public event types only. */
  audience: z.enum(['public', 'internal']),
  description: z.string().optional(),
  /** Property of `data` that holds the resource id, used as the event's subject. */
  subject: z.string().optional(),
  /** Versions on their way out, by their number. */
  deprecated: z
    .record(z.string().regex(/^[1-9]\d*$/, 'expected the number of a version'), deprecation)
    .optional(),
  /** Versions that brokers get beside the newest. */
  publishVersions: z.array(z.int().min(1)).optional(),
});

const mutationEntry = z.union([
  z.strictObject({
    event: eventTypeName,
    /** The route is no longer in the code; kept so that the decision is not lost if it comes back. */
    gone: z.literal(true).optional(),
  }),
  z.strictObject({
    /** Why this mutation has no event: a person's words, or the kind (`query`, `auth`, `inbound_webhook`). */
    ignore: z.string().min(1),
    gone: z.literal(true).optional(),
  }),
]);

/** `events/catalog.json`. Keys are sorted on write, so that two branches merge line by line. */
export const catalogSchema = z.strictObject({
  $schema: z.string().optional(),
  catalogVersion: z.literal(1),
  eventTypes: z.record(eventTypeName, eventTypeEntry),
  /** By `METHOD /path`, as scan prints it. */
  mutations: z.record(z.string().regex(/^(POST|PUT|PATCH|DELETE|ALL) \//), mutationEntry),
});

export type Catalog = z.infer<typeof catalogSchema>;
export type EventTypeEntry = z.infer<typeof eventTypeEntry>;
export type MutationEntry = z.infer<typeof mutationEntry>;
