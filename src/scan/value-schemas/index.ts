import type { JsonSchema } from '../report.ts';
import { ANYTHING, hasProperties, isKnown } from '../schemas.ts';
import type { ClassValue, ExternalValue, Value } from '../values.ts';
import { drizzleTables, drizzleZod } from './drizzle.ts';
import fluent from './fluent.ts';
import functional from './functional.ts';
import { readJsonSchema, readShorthand } from './json-schema.ts';
import { isData, schemaIn, stepsOf, type Describe, type Described, type SchemaLibrary } from './library.ts';
import zod from './zod.ts';

const LIBRARIES: readonly SchemaLibrary[] = [zod, fluent, functional, drizzleTables, drizzleZod];

/** Whether a package is one in which data is described. */
export function isSchemaLibrary(name: string): boolean {
  return LIBRARIES.some((library) => library.packages.test(name));
}

/** Descriptions within descriptions, this deep. */
const MAX_DEPTH = 12;

export interface SchemaReader {
  /** What a followed value describes; `{}` for values that describe nothing. */
  schemaOf(value: Value | undefined): JsonSchema;
}

export interface SchemaSources {
  /** The schema that a project registered under a name, for `{ $ref: 'Order#' }`. */
  named(name: string): Value | undefined;
  /** What instances of a class look like. */
  instance(type: ClassValue): JsonSchema;
  /** What a package exports that describes data in its own sources; undefined where it does not. */
  packaged(value: ExternalValue): Value | undefined;
}

/** Reads the schemas that are values of a program: of the libraries for them, JSON Schema literals, DTO classes. */
export function createSchemaReader(sources: SchemaSources): SchemaReader {
  const open: Value[] = [];

  const describe: Describe = (value) => {
    if (value === undefined || open.length > MAX_DEPTH || open.includes(value)) return null;
    open.push(value);
    const found = read(value);
    open.pop();
    return found;
  };

  const read = (value: Value): Described | null => {
    switch (value.kind) {
      case 'external':
        return readExternal(value);
      case 'object':
        if (value.class !== null) return null;
        return readJsonSchema(value, describe, named) ?? readShorthand(value, describe);
      case 'union':
        return firstOf(value.options);
      case 'class': {
        const base = value.base?.kind === 'external' ? readExternal(value.base) : null;
        if (base !== null) return base;
        const schema = sources.instance(value);
        return isKnown(schema) ? { schema, isOptional: false } : null;
      }
      default:
        return null;
    }
  };

  const firstOf = (values: readonly Value[]): Described | null => {
    for (const value of values) {
      const found = describe(value);
      if (found !== null && isKnown(found.schema)) return found;
    }
    return null;
  };

  const readExternal = (value: ExternalValue): Described | null => {
    const steps = stepsOf(value);
    if (!isSchemaLibrary(value.from)) {
      const packaged = describe(sources.packaged(value));
      if (packaged !== null) return packaged;
    }
    if (isData(value)) return null;
    for (const library of LIBRARIES) {
      if (!library.packages.test(value.from)) continue;
      const found = library.read(steps, describe);
      if (found !== null) return found;
    }
    // `jsonContent(schema)`, `zodToJsonSchema(schema)`, `createZodDto(schema)`
    const given = firstOf(steps.flatMap((step) => step.args));
    return given !== null && hasProperties(given.schema) ? given : null;
  };

  const named = (reference: string): JsonSchema => {
    // `#/$defs/address` is of the document that it stands in, the outermost that has one.
    const local = reference.startsWith('#/')
      ? open.map((document) => valueAt(document, reference.slice(2))).find((value) => value !== undefined)
      : undefined;
    if (local !== undefined) return schemaIn(describe(local));
    const name = reference.replace(/#$/, '').split('/').at(-1) ?? '';
    return schemaIn(describe(sources.named(name)));
  };

  return { schemaOf: (value) => (value === undefined ? ANYTHING : schemaIn(describe(value))) };
}

/** What a JSON pointer leads to (RFC 6901). */
function valueAt(document: Value, pointer: string): Value | undefined {
  const keys = pointer.split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  return keys.reduce<Value | undefined>((value, key) => {
    if (value?.kind === 'list') return value.items[Number(key)];
    return value?.kind === 'object' ? value.properties.get(key) : undefined;
  }, document);
}
