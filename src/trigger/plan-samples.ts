import type { Json } from '../samples/sample.ts';
import { sampleEvent } from '../samples/sample-event.ts';
import type { LocalRegistry } from '../serve/registry.ts';
import { EvtgenError } from '../ui/errors.ts';
import { nearest } from '../ui/nearest.ts';
import { formatPath, parsePath, withValue, type DataPath } from './data-path.ts';
import { planEvent, typeNamed, type PlannedEvent } from './planned-event.ts';

/** A value that somebody chose for a place in the data. */
export interface Override {
  /** Within the data. */
  readonly path: DataPath;
  readonly value: Json;
}

/**
 * Reads `data.total=4200`: JSON where it is some, text otherwise.
 * @throws EvtgenError `invalid_override`
 */
export function parseOverride(text: string): Override {
  const at = text.indexOf('=');
  const path = at === -1 ? undefined : parsePath(text.slice(0, at).trim());
  if (path === undefined || path[0] !== 'data' || path.length === 1) {
    throw new EvtgenError('invalid_override', `--set ${JSON.stringify(text)}: expected data.<path>=<value>`, {
      hint: 'such as data.total=4200, data.items[0].sku=A-1 or data.customer.email=ada@example.com',
    });
  }
  return { path: path.slice(1), value: jsonOrText(text.slice(at + 1)) };
}

function jsonOrText(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

export interface SampleRequest {
  readonly type: string;
  /** Takes the place of the sample. */
  readonly data: Json | undefined;
  readonly overrides: readonly Override[];
  readonly subject: string | undefined;
  readonly count: number;
  readonly seed: number;
  /** Milliseconds since the epoch; fixed unless given. */
  readonly time: number | undefined;
}

/**
 * The events that were asked for, each about a resource of its own.
 * @param warn is told of data that the schema does not declare
 * @throws EvtgenError `unknown_event_type`, `invalid_path`, `invalid_event`, `undeclared_property`, `no_sample`
 */
export function planSamples(
  request: SampleRequest,
  registry: LocalRegistry,
  warn: (line: string) => void,
): PlannedEvent[] {
  const { overrides, count, seed, time } = request;
  const type = typeNamed(request.type, registry);
  const warned = new Set<string>();
  return Array.from({ length: count }, (_, run) => {
    const given = request.data ?? sampleEvent(type, { seed, run, time }).data;
    const data = overrides.reduce((data, { path, value }) => withValue(data, path, value), given);
    const place = count === 1 ? undefined : `event ${run + 1}`;
    const { event, dropped } = planEvent(type, { data, subject: request.subject, place }, registry);
    for (const path of dropped) {
      if (overrides.some((each) => isWithin(formatPath(['data', ...each.path]), path))) {
        throw undeclared(path, type.file, given);
      }
      if (!warned.has(path)) warn(`note: ${path} is not in ${type.file}, so emit leaves it out`);
      warned.add(path);
    }
    return event;
  });
}

function isWithin(path: string, outer: string): boolean {
  return path === outer || (path.startsWith(outer) && /^[.[]/.test(path.slice(outer.length)));
}

function undeclared(path: string, file: string, sample: Json): EvtgenError {
  const near = nearest(path, pathsOf(sample, ['data']));
  return new EvtgenError('undeclared_property', `--set ${path}: ${file} has no such property`, {
    hint: near.length === 0 ? undefined : `did you mean ${near.join(' or ')}?`,
  });
}

function pathsOf(value: Json, path: DataPath): string[] {
  if (value === null || typeof value !== 'object') return [formatPath(path)];
  return Object.entries(value).flatMap(([key, inner]) =>
    pathsOf(inner as Json, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}
