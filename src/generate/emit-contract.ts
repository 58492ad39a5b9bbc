import type { Emission } from './emission.ts';
import type { EmittedEventType, EmittedVersion } from './event-types.ts';
import { schemaModule, schemaTypeName } from './names.ts';
import type { WantedFile } from './plan.ts';
import { schemaName, zodModule } from './zod-source.ts';

/**
 * `schemas/<type>.v<N>.ts` for each version of each event type, and `registry.ts` over them all. Where there are older
 * versions, `casters.ts` is the team's to fill in: as written it passes data on, which the compiler refuses where
 * the older version needs more than that.
 */
export function contractFiles(eventTypes: readonly EmittedEventType[], emission: Emission): WantedFile[] {
  const types = eventTypes.map(registryEntry);
  const evolved = types.filter(({ older }) => older.length > 0);
  const registry = { types, evolved, hasCasters: evolved.length > 0 };
  return [
    ...eventTypes.flatMap((entry) =>
      [...entry.older, entry].map((version) => schemaFile(entry.eventType, version, emission)),
    ),
    emission.render('B', emission.inOutput('registry.ts'), 'events/registry.hbs', registry),
    ...(registry.hasCasters
      ? [emission.render('C', emission.inOutput('casters.ts'), 'events/casters.hbs', registry)]
      : []),
  ];
}

function schemaFile(
  eventType: string,
  { version, schema, file }: EmittedVersion,
  emission: Emission,
): WantedFile {
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

interface RegistryVersion {
  readonly version: number;
  readonly name: string;
  readonly constant: string;
  readonly module: string;
  /** Optional properties, as the code of an object literal has them. */
  readonly settings: readonly string[];
}

interface RegistryEntry extends RegistryVersion {
  readonly eventType: string;
  readonly audience: string;
  readonly versions: readonly RegistryVersion[];
  readonly older: readonly (RegistryVersion & { newerName: string; downcast: string; upcast: string })[];
}

function registryEntry(entry: EmittedEventType): RegistryEntry {
  const { eventType, audience } = entry;
  const describe = ({ version }: EmittedVersion): RegistryVersion => {
    const name = schemaTypeName(eventType, version);
    const module = schemaModule(eventType, version);
    return { version, name, constant: schemaName(name), module, settings: deprecationOf(entry, version) };
  };
  const newest = describe(entry);
  const versions = [...entry.older.map(describe), newest];
  const older = versions.slice(0, -1).map((each, index) => {
    const { version, name } = versions[index + 1] ?? newest;
    const [downcast, upcast] = [`v${version}ToV${each.version}`, `v${each.version}ToV${version}`];
    return { ...each, newerName: name, downcast, upcast };
  });
  const { publishVersions = [] } = entry;
  const published = publishVersions.length > 0 ? [`publishVersions: [${publishVersions.join(', ')}]`] : [];
  return { ...newest, settings: [...newest.settings, ...published], eventType, audience, versions, older };
}

function deprecationOf({ deprecated = {} }: EmittedEventType, version: number): string[] {
  const entry = deprecated[version];
  if (entry === undefined) return [];
  const sunset = entry.sunset === undefined ? '' : `, sunset: '${entry.sunset}'`;
  return [`deprecation: { since: '${entry.since}'${sunset} }`];
}

function declaration(name: string, type: string): string {
  const isOneObject = type.startsWith('{') && type.indexOf('\n}') === type.length - 2;
  return isOneObject ? `interface ${name} ${type}` : `type ${name} = ${type};`;
}
