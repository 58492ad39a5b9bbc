import { validationProblem } from './problem.ts';
import type { FieldProblem } from './problem.ts';

/** A JSON Pointer to a member of the request body, as a URI fragment (RFC 6901, section 6). */
export function pointerTo(...path: readonly (string | number)[]): string {
  const tokens = path.map((name) =>
    encodeURIComponent(String(name).replaceAll('~', '~0').replaceAll('/', '~1')),
  );
  return ['#', ...tokens].join('/');
}

/** One problem for each field that nobody asked for: a misspelt one must not be passed over. */
export function unknownFields(
  body: Readonly<Record<string, unknown>>,
  known: readonly string[],
): FieldProblem[] {
  const detail =
    known.length === 0 ? 'is unknown; no fields are' : `is unknown; known are ${known.join(', ')}`;
  return Object.keys(body)
    .filter((field) => known.includes(field) === false)
    .map((field) => ({ pointer: pointerTo(field), detail }));
}

/** @throws ProblemError 422 when there is any */
export function throwIfAny(errors: readonly FieldProblem[]): void {
  if (errors.length > 0) throw validationProblem(errors);
}

export const TIME_DETAIL = 'must be a time like 2026-01-31T12:00:00Z';

/** A time of RFC 3339; undefined for any other text. With a zone, or two servers would take it for two times. */
export function parseTime(text: string): Date | undefined {
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text) === false)
    return undefined;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Array.isArray(value) === false;
}
