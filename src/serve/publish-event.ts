import { z } from 'zod';
import { EventIdConflictError, InvalidEventError } from '../kernel/errors.ts';
import { ProblemError } from '../kernel/problem.ts';
import type { LocalRegistry } from './registry.ts';

/** Body of `POST /events`. */
const publishBody = z.strictObject({
  type: z.string(),
  data: z.json().default({}),
  subject: z.string().optional(),
  eventId: z.string().optional(),
});

export type PublishInput = z.infer<typeof publishBody>;

/** Writes one event and commits. */
export type Emit = (input: PublishInput) => Promise<{ readonly eventId: string }>;

/** `POST /events`: a test event, checked as `emit` would check it in the application. */
export async function publishEvent(body: unknown, registry: LocalRegistry, emit: Emit): Promise<Response> {
  const parsed = publishBody.safeParse(body);
  if (!parsed.success) {
    throw invalid(
      'the body must be {"type", "data", "subject"?, "eventId"?}',
      parsed.error.issues.map(({ path, message }) => ({ pointer: `#/${path.join('/')}`, detail: message })),
    );
  }
  const { type } = parsed.data;
  if (!registry.admit(type)) throw unknownType(type, registry);
  try {
    const { eventId } = await emit(parsed.data);
    return Response.json({ eventId }, { status: 202 });
  } catch (error) {
    if (error instanceof InvalidEventError) {
      throw invalid(
        error.message,
        error.issues.map(({ path, message }) => ({
          pointer: `#/${path.replaceAll('.', '/')}`,
          detail: message,
        })),
      );
    }
    if (error instanceof EventIdConflictError) {
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

function invalid(detail: string, errors: { pointer: string; detail: string }[]): ProblemError {
  return new ProblemError({ status: 422, code: 'validation_failed', detail, errors });
}
