import type { JsonSchema } from '../scan/report.ts';
import { sampleOf, type Json, type SampleOptions } from './sample.ts';

/** An event as `emit` takes it. */
export interface SampleEvent {
  readonly type: string;
  /** Id of the resource, where the data has one. */
  readonly subject: string | undefined;
  readonly data: Json;
}

/** What is known of an event type. */
export interface SampledType {
  readonly eventType: string;
  readonly schema: JsonSchema;
  /** How errors name the schema. */
  readonly file: string;
  /** Property of the data that holds the subject; `id` unless given. */
  readonly subject?: string | undefined;
}

export function sampleEvent(
  { eventType, schema, file, subject }: SampledType,
  options: Omit<SampleOptions, 'file' | 'eventType'> = {},
): SampleEvent {
  const data = sampleOf(schema, { ...options, file, eventType });
  return { type: eventType, subject: subjectIn(data, subject), data };
}

/** What identifies the resource that the data is about. */
export function subjectIn(data: Json, property = 'id'): string | undefined {
  if (data === null || typeof data !== 'object' || !Object.hasOwn(data, property)) return undefined;
  const value = (data as Readonly<Record<string, Json>>)[property];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
