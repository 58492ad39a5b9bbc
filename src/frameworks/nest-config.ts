// https://docs.nestjs.com/techniques/configuration
import { memberPath, UNDEFINED, type ClassValue, type ExternalValue, type Value } from '../scan/values.ts';
import { flat, option } from '../scan/patterns.ts';
import { defaultsOf } from '../scan/settings.ts';
import type { Routing } from './framework.ts';
import type { NestDecorator } from './nest.ts';

/**
 * `configService.get('app.apiPrefix')` where the project says what it is by default: a namespace
 * `registerAs('app', () => ({ apiPrefix: … }))`, a function that `ConfigModule.forRoot({ load })` names, the
 * default of its `validationSchema`, or the call itself; undefined for all else.
 */
export function readSetting(
  reference: ExternalValue,
  args: readonly Value[],
  routing: Routing,
  decoratorsOf: (type: ClassValue) => readonly NestDecorator[],
): Value | undefined {
  const name = memberPath(reference).at(-1);
  const [key, fallback] = args;
  if ((name !== 'get' && name !== 'getOrThrow') || key?.kind !== 'literal') return undefined;
  const path = String(key.value).split('.');
  const [namespace, ...steps] = path;
  const factory = namespace === undefined ? undefined : namespaceFactory(routing, namespace);
  const registered =
    factory === undefined ? undefined : propertyAt(routing.call(factory.make, [], factory.site), steps);
  const found = registered ?? loadedSetting(routing, path, decoratorsOf);
  if (found !== undefined) return found;
  return fallback?.kind === 'literal' ? fallback : undefined;
}

function propertyAt(value: Value | undefined, path: readonly string[]): Value | undefined {
  let found = value;
  for (const step of path) found = option(found, step);
  return found;
}

/** What the options of `ConfigModule.forRoot` say, in a module that was met so far. */
function loadedSetting(
  routing: Routing,
  path: readonly string[],
  decoratorsOf: (type: ClassValue) => readonly NestDecorator[],
): Value | undefined {
  for (const type of routing.classes) {
    if (!/\bforRoot\b[\s\S]*\b(?:load|validationSchema)\b/.test(type.node.getText())) continue;
    const [module] = decoratorsOf(type).filter(({ name }) => name === 'Module');
    for (const item of flat(option(module?.args[0], 'imports') ?? UNDEFINED)) {
      if (item.kind !== 'external' || item.from !== '@nestjs/config') continue;
      const options = item.steps.findLast((step) => typeof step !== 'string')?.[0];
      const site = routing.siteOf(type.node);
      const loads = flat(option(options, 'load') ?? UNDEFINED).filter(({ kind }) => kind === 'function');
      const loaded = loads.map((load) => propertyAt(routing.call(load, [], site), path));
      const byDefault = propertyAt(defaultsOf(option(options, 'validationSchema')), [path.join('.')]);
      const found = loaded.find((value) => value !== undefined) ?? byDefault;
      if (found?.kind === 'literal' || found?.kind === 'text') return found;
    }
  }
  return undefined;
}

function namespaceFactory(routing: Routing, namespace: string) {
  for (const file of routing.files) {
    if (!/\bregisterAs\s*(?:<[^(]*>)?\(/.test(routing.text(file))) continue;
    for (const { value, site } of routing.exportsOf(file)) {
      if (value.kind !== 'external' || memberPath(value)[0] !== 'registerAs') continue;
      const [args] = value.steps.filter((step) => typeof step !== 'string');
      const [name, make] = args ?? [];
      if (name?.kind === 'literal' && name.value === namespace && make !== undefined) return { make, site };
    }
  }
  return undefined;
}
