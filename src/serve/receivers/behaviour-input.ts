import { z } from 'zod';
import { ACCEPT, FAULTS, type Behaviour } from './behaviour.ts';

const MAX_WAIT_MS = 600_000;

const behaviourInput = z
  .strictObject({
    status: z.int().min(200).max(599),
    failNext: z.int().min(0).max(10_000),
    failPercent: z.number().min(0).max(100),
    seed: z.int().min(0),
    delayMs: z.int().min(0).max(MAX_WAIT_MS),
    dripMs: z.int().min(0).max(MAX_WAIT_MS),
    bodyBytes: z
      .int()
      .min(0)
      .max(64 * 1024 * 1024)
      .nullable(),
    retryAfterSeconds: z.int().min(0).max(9_999_999_999).nullable(),
    retryAfterForm: z.enum(['seconds', 'date']),
    location: z
      .string()
      .regex(/^[\x21-\x7e]{1,2000}$/, 'expected a URL')
      .nullable(),
    fault: z.enum(FAULTS).nullable(),
  })
  .partial()
  .refine(
    ({ fault, failNext = 0, failPercent = 100 }) =>
      fault !== 'untrusted_tls' || (failNext === 0 && failPercent === 100),
    'untrusted_tls is for every request: none of them arrives, so none is counted',
  );

/** How much of a behaviour was given, or why it cannot be. */
export function parseBehaviour(input: unknown): z.ZodSafeParseResult<Behaviour> {
  return behaviourInput.transform(completed).safeParse(input);
}

function completed(input: z.output<typeof behaviourInput>): Behaviour {
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  return { ...ACCEPT, status: usualStatus(input), ...given };
}

function usualStatus({
  location,
  retryAfterSeconds,
  failNext = 0,
  failPercent = 100,
}: z.output<typeof behaviourInput>): number {
  if (location != null) return 302;
  if (retryAfterSeconds != null) return 503;
  return failNext > 0 || failPercent < 100 ? 500 : ACCEPT.status;
}
