import type { Json } from '../samples/sample.ts';
import { nearest } from '../ui/nearest.ts';
import { formatPath, parsePath, valueAt, type DataPath } from './data-path.ts';
import type { PlannedEvent } from './planned-event.ts';

/** What a text that should refer to a step does wrong, and where. */
export class StepReferenceError extends Error {
  override readonly name = 'StepReferenceError';
  readonly path: DataPath;

  constructor(path: DataPath, message: string) {
    super(message);
    this.path = path;
  }
}

const REFERENCE = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** Events by the id of their step, as far as they are planned. */
export type EarlierSteps = ReadonlyMap<string, Pick<PlannedEvent, 'data' | 'subject' | 'type'>>;

/**
 * Puts values of earlier steps in place of `{{steps.order.data.id}}`: as they are where the text is nothing but the
 * reference, as text within others.
 * @throws StepReferenceError
 */
export function resolved(value: Json, steps: EarlierSteps, path: DataPath = []): Json {
  if (typeof value === 'string') return resolvedText(value, steps, path);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((item, index) => resolved(item, steps, [...path, index]));
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, resolved(inner as Json, steps, [...path, key])]),
  );
}

function resolvedText(text: string, steps: EarlierSteps, path: DataPath): Json {
  const whole = /^\{\{\s*([^{}]*?)\s*\}\}$/.exec(text);
  if (whole !== null) return valueOf(whole[1] ?? '', steps, path);
  return text.replaceAll(REFERENCE, (_match, reference: string) => {
    const value = valueOf(reference, steps, path);
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
}

function valueOf(reference: string, steps: EarlierSteps, path: DataPath): Json {
  const fail = (reason: string): never => {
    throw new StepReferenceError(path, `{{${reference}}} ${reason}`);
  };
  const [root, id, part, ...rest] = parsePath(reference) ?? [];
  if (root !== 'steps' || typeof id !== 'string' || (part !== 'data' && part !== 'subject')) {
    return fail('is no reference: expected {{steps.<id>.data.<path>}} or {{steps.<id>.subject}}');
  }
  const event = steps.get(id);
  if (event === undefined) {
    const near = nearest(id, [...steps.keys()]);
    const hint = near.length > 0 ? `, but ${near.join(' and ')}` : '';
    return fail(`names no earlier step: there is no ${JSON.stringify(id)}${hint}`);
  }
  if (part === 'subject') {
    return rest.length === 0 && event.subject !== undefined ? event.subject : fail('has no value');
  }
  const value = valueAt(event.data, rest);
  if (value === undefined)
    return fail(`has no value: ${formatPath(['data', ...rest])} is not in that ${event.type}`);
  return value;
}
