// https://docs.nestjs.com/techniques/configuration#configuration-namespaces
import { memberPath, type ExternalValue, type Value } from '../scan/values.ts';
import { option } from '../scan/patterns.ts';
import type { Routing } from './framework.ts';

/**
 * `configService.get('app.apiPrefix')` where a namespace `registerAs('app', () => ({ apiPrefix: … }))` of the
 * project says what it is by default, or the call itself does; undefined for all else.
 */
export function readSetting(
  reference: ExternalValue,
  args: readonly Value[],
  routing: Routing,
): Value | undefined {
  const name = memberPath(reference).at(-1);
  const [key, fallback] = args;
  if ((name !== 'get' && name !== 'getOrThrow') || key?.kind !== 'literal') return undefined;
  const [namespace, ...steps] = String(key.value).split('.');
  const factory = namespace === undefined ? undefined : namespaceFactory(routing, namespace);
  let value = factory === undefined ? undefined : routing.call(factory.make, [], factory.site);
  for (const step of steps) value = option(value, step);
  if (value !== undefined) return value;
  return fallback?.kind === 'literal' ? fallback : undefined;
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
