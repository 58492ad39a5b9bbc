import type { JsonSchema } from '../report.ts';
import { ANYTHING } from '../schemas.ts';
import type { ExternalValue, Value } from '../values.ts';

/** What a value describes, and whether an object may lack it. */
export interface Described {
  readonly schema: JsonSchema;
  readonly isOptional: boolean;
}

/** Reads any value that describes data; null for all others. */
export type Describe = (value: Value | undefined) => Described | null;

/** A library in which data is described by calls. Each is one file, listed in `index.ts`. */
export interface SchemaLibrary {
  /** The packages that export it. */
  readonly packages: RegExp;
  /** What a chain of calls made on the package describes; null for those that describe nothing. */
  read(steps: readonly Step[], describe: Describe): Described | null;
}

export interface Step {
  readonly name: string;
  readonly args: readonly Value[];
}

/** `z.string().email()` as calls; members without a call (`z.coerce`) are passed over. */
export function stepsOf(value: ExternalValue): Step[] {
  const steps: Step[] = [];
  let name = '';
  for (const step of value.steps) {
    if (typeof step === 'string') name = step;
    else {
      steps.push({ name, args: step });
      name = '';
    }
  }
  return steps;
}

export function required(schema: JsonSchema): Described {
  return { schema, isOptional: false };
}

export function schemaIn(described: Described | null): JsonSchema {
  return described?.schema ?? ANYTHING;
}

/** Every property of an object, as far as each can be read. */
export function describedShape(
  shape: Value | undefined,
  describe: Describe,
): { properties: Record<string, JsonSchema>; required: string[] } {
  const properties: Record<string, JsonSchema> = {};
  const names: string[] = [];
  for (const [name, value] of shape?.kind === 'object' ? shape.properties : []) {
    const found = describe(value);
    properties[name] = schemaIn(found);
    if (found === null || !found.isOptional) names.push(name);
  }
  return { properties, required: names };
}

/** The literals in a list, or in the values of an object as enums are. */
export function literalsIn(value: Value | undefined): (string | number | boolean | null)[] {
  const items =
    value?.kind === 'list' ? value.items : value?.kind === 'object' ? [...value.properties.values()] : [];
  return items.flatMap((item) => (item.kind === 'literal' && item.value !== undefined ? [item.value] : []));
}

/** The names in `{ id: true }` or `['id']`. */
export function namesIn(value: Value | undefined): string[] {
  if (value?.kind === 'object') return [...value.properties.keys()];
  return literalsIn(value).filter((name) => typeof name === 'string');
}

/** Calls that apply a description to a value. */
const APPLIED =
  /^(?:parse|safeParse|parseAsync|safeParseAsync|validate|validateAsync|validateSync|cast|attempt|assert|decode|encode)$/;

/** `schema.validate(process.env).value.PORT` is data, and no description of it. */
export function isData(value: ExternalValue): boolean {
  return typeof value.steps.at(-1) === 'string' || stepsOf(value).some((step) => APPLIED.test(step.name));
}
