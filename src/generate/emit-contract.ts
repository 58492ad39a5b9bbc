import type { EventTypeEntry } from '../catalog/schema.ts';
import type { JsonSchema } from '../scan/report.ts';
import type { Emission } from './emission.ts';
import { schemaModule, schemaTypeName } from './names.ts';
import type { WantedFile } from './plan.ts';
import { schemaName, zodModule } from './zod-source.ts';

/** An event type of the catalog with the newest version of its schema. */
export interface EmittedEventType extends EventTypeEntry {
  readonly eventType: string;
  /** How errors name the schema's file. */
  readonly file: string;
  readonly schema: JsonSchema;
}

/** `schemas/<type>.v<N>.ts` for each event type, and `registry.ts` over them all. */
export function contractFiles(eventTypes: readonly EmittedEventType[], emission: Emission): WantedFile[] {
  return [...eventTypes.map((entry) => schemaFile(entry, emission)), registryFile(eventTypes, emission)];
}

function schemaFile({ eventType, version, schema, file }: EmittedEventType, emission: Emission): WantedFile {
  const typeName = schemaTypeName(eventType, version);
  const module = zodModule(schema, typeName, file);
  const path = emission.inOutput(`${schemaModule(eventType, version)}.ts`);
  const { definitions, helpers } = module;
  return emission.render('B', path, 'events/schema.hbs', {
    eventType,
    version,
    helpers: helpers.join(', '),
    constants: [...definitions, { name: typeName, ...module }].map(({ name, type, zod }) => ({
      name,
      constant: schemaName(name),
      declaration: declaration(name, type),
      zod,
      cast: emission.dialect.isStrict ? '' : ` as z.ZodType<${name}>`,
    })),
  });
}

function registryFile(eventTypes: readonly EmittedEventType[], emission: Emission): WantedFile {
  return emission.render('B', emission.inOutput('registry.ts'), 'events/registry.hbs', {
    eventTypes: eventTypes.map(({ eventType, version, audience }) => {
      const name = schemaTypeName(eventType, version);
      const module = schemaModule(eventType, version);
      return { eventType, version, audience, name, constant: schemaName(name), module };
    }),
  });
}

function declaration(name: string, type: string): string {
  const isOneObject = type.startsWith('{') && type.indexOf('\n}') === type.length - 2;
  return isOneObject ? `interface ${name} ${type}` : `type ${name} = ${type};`;
}
