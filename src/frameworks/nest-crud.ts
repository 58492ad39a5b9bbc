// https://github.com/nestjsx/crud/wiki/Controllers, and the packages that go on with it: @dataui/crud and others
import { option } from '../scan/patterns.ts';
import type { MutationMethod } from '../scan/report.ts';
import type { Site, Value } from '../scan/values.ts';
import type { NestDecorator } from './nest.ts';

/** A route that the decorator `@Crud` makes. */
export interface CrudRoute {
  /** The method of the controller that it gets, unless `@Override` puts another in its place. */
  readonly name: string;
  readonly verb: MutationMethod;
  readonly path: string;
  readonly site: Site;
}

interface Schema {
  readonly name: string;
  readonly verb: MutationMethod;
  readonly path: string;
  readonly isOfOne: boolean;
}

const ROUTES: readonly Schema[] = [
  { name: 'createOneBase', verb: 'POST', path: '', isOfOne: false },
  { name: 'createManyBase', verb: 'POST', path: '/bulk', isOfOne: false },
  { name: 'updateOneBase', verb: 'PATCH', path: '', isOfOne: true },
  { name: 'replaceOneBase', verb: 'PUT', path: '', isOfOne: true },
  { name: 'deleteOneBase', verb: 'DELETE', path: '', isOfOne: true },
  { name: 'recoverOneBase', verb: 'PATCH', path: '/recover', isOfOne: true },
];

export function crudRoutes(decorators: readonly NestDecorator[]): CrudRoute[] {
  const crud = decorators.find(({ name, from }) => name === 'Crud' && /(?:^|\/)\S*crud$/.test(from));
  if (crud === undefined) return [];
  const [options] = crud.args;
  const routes = option(options, 'routes');
  const only = namesIn(option(routes, 'only'));
  const excluded = namesIn(option(routes, 'exclude'));
  const softDelete = option(option(options, 'query'), 'softDelete');
  const hasRecovery = softDelete?.kind === 'literal' && softDelete.value === true;
  const one = primaryParameters(option(options, 'params'))
    .map((name) => `/:${name}`)
    .join('');
  return ROUTES.filter(({ name }) => {
    if (name === 'recoverOneBase' && !hasRecovery) return false;
    return only.length > 0 ? only.includes(name) : !excluded.includes(name);
  }).map(({ name, verb, path, isOfOne }) => ({
    name,
    verb,
    path: isOfOne ? `${one}${path}` : path,
    site: crud.site,
  }));
}

/** Which of the routes a method stands in for. */
export function overriddenRoute(marks: readonly NestDecorator[]): string | undefined {
  const [given] = marks.find(({ name }) => name === 'Override')?.args ?? [];
  return given?.kind === 'literal' ? String(given.value) : undefined;
}

function namesIn(value: Value | undefined): string[] {
  return value?.kind === 'list'
    ? value.items.flatMap((item) => (item.kind === 'literal' ? [String(item.value)] : []))
    : [];
}

function primaryParameters(params: Value | undefined): string[] {
  const entries = params?.kind === 'object' ? [...params.properties] : [];
  const isSet = (settings: Value, name: string): boolean => {
    const value = option(settings, name);
    return value?.kind === 'literal' && value.value === true;
  };
  const primary = entries.filter(([, settings]) => isSet(settings, 'primary'));
  if (primary.length === 0) return ['id'];
  return primary.filter(([, settings]) => !isSet(settings, 'disabled')).map(([name]) => name);
}
