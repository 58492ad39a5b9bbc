import { z } from 'zod';
import { ProblemError } from '../kernel/problem.ts';
import type { KernelModules } from './kernel-modules.ts';
import type { LocalRegistry } from './registry.ts';

/** More make the others wait too long for the only session that the database has. */
const MAX_EVENTS = 1000;

const publishInput = z.strictObject({
  type: z.string(),
  data: z.json().default({}),
  subject: z.string().optional(),
  eventId: z.string().optional(),
});

const publishInputs = z.array(publishInput).min(1).max(MAX_EVENTS);

export type PublishInput = z.infer<typeof publishInput>;

type EmitEvent = (input: PublishInput) => Promise<{ readonly eventId: string }>;

/** Writes events and commits. */
export interface Emit {
  readonly one: EmitEvent;
  /** What is emitted in `run` is committed as a whole, or not at all when it throws. */
  all<Result>(run: (emit: EmitEvent) => Promise<Result>): Promise<Result>;
}

export interface PublishOptions {
  readonly kernel: Pick<KernelModules, 'InvalidEventError' | 'EventIdConflictError'>;
  readonly registry: LocalRegistry;
  readonly emit: Emit;
}

/** `POST /events`: a test event, or several in one transaction, checked as `emit` would check them in the application. */
export async function publishEvents(body: unknown, options: PublishOptions): Promise<Response> {
  const { emit } = options;
  if (!Array.isArray(body)) {
    const { eventId } = await emitChecked(emit.one, parse(publishInput, body), '#', options);
    return Response.json({ eventId }, { status: 202 });
  }
  const inputs = parse(publishInputs, body);
  const eventIds = await emit.all(async (emitOne) => {
    const ids: string[] = [];
    for (const [index, input] of inputs.entries()) {
      ids.push((await emitChecked(emitOne, input, `#/${index}`, options)).eventId);
    }
    return ids;
  });
  return Response.json({ eventIds }, { status: 202 });
}

/** @param pointer where the event stands in the body */
async function emitChecked(
  emit: EmitEvent,
  input: PublishInput,
  pointer: string,
  { kernel, registry }: PublishOptions,
): Promise<{ readonly eventId: string }> {
  if (!registry.admit(input.type)) throw unknownType(input.type, registry);
  try {
    return await emit(input);
  } catch (error) {
    if (error instanceof kernel.InvalidEventError) {
      throw invalid(
        error.message,
        error.issues.map(({ path, message }) => ({
          pointer: `${pointer}/${path.replaceAll('.', '/')}`,
          detail: message,
        })),
      );
    }
    if (error instanceof kernel.EventIdConflictError) {
      throw new ProblemError({ status: 409, code: 'event_id_conflict', detail: error.message });
    }
    throw error;
  }
}

export function unknownType(type: string, registry: LocalRegistry): ProblemError {
  const detail =
    registry.eventTypes === null
      ? `"${type}" is no event type; expected resource.action in lower snake case`
      : `"${type}" is not in the catalog; known are ${registry.eventTypes.join(', ') || 'none'}`;
  return new ProblemError({ status: 422, code: 'unknown_event_type', detail });
}

function parse<Output>(schema: z.ZodType<Output>, body: unknown): Output {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalid(
    `the body must be {"type", "data", "subject"?, "eventId"?}, or a list of 1 to ${MAX_EVENTS} of these`,
    parsed.error.issues.map(({ path, message }) => ({ pointer: `#/${path.join('/')}`, detail: message })),
  );
}

function invalid(detail: string, errors: { pointer: string; detail: string }[]): ProblemError {
  return new ProblemError({ status: 422, code: 'validation_failed', detail, errors });
}
