// https://ts-rest.com/docs/core/
import { mutationMethods, option } from '../scan/patterns.ts';
import type { MutationMethod } from '../scan/report.ts';
import type { Declarations } from '../scan/route-graph.ts';
import {
  isUndefined,
  native,
  text,
  textParts,
  UNDEFINED,
  type NativeValue,
  type ObjectValue,
  type Value,
} from '../scan/values.ts';

/** The endpoints of a contract, also of the contracts in it, with the names that lead to each. */
export interface Endpoint {
  readonly names: readonly string[];
  readonly contract: ObjectValue;
}

export function endpointsOf(contract: Value | undefined, names: readonly string[] = []): Endpoint[] {
  if (contract?.kind !== 'object') return [];
  if (isEndpoint(contract)) return [{ names, contract }];
  return [...contract.properties].flatMap(([name, inner]) => endpointsOf(inner, [...names, name]));
}

function isEndpoint({ properties }: ObjectValue): boolean {
  return properties.has('path') && properties.get('method')?.kind === 'literal';
}

export function methodsOf({ contract }: Endpoint): MutationMethod[] {
  return mutationMethods(option(contract, 'method') ?? UNDEFINED);
}

export function declarationsOf({ contract }: Endpoint): Declarations {
  return { body: option(contract, 'body'), responses: option(contract, 'responses') };
}

/** What `initContract()` gives. */
export function contractMaker(): NativeValue {
  return {
    ...native(() => UNDEFINED),
    member(name) {
      if (name === 'query' || name === 'mutation') return native(([endpoint = UNDEFINED]) => endpoint);
      if (name !== 'router') return undefined;
      return native(([contract = UNDEFINED, options]) => {
        const prefix = option(options, 'pathPrefix');
        return prefix === undefined || isUndefined(prefix) ? contract : withPrefix(contract, prefix);
      });
    },
  };
}

function withPrefix(contract: Value, prefix: Value): Value {
  if (contract.kind !== 'object') return contract;
  const path = contract.properties.get('path') ?? UNDEFINED;
  const properties = isEndpoint(contract)
    ? new Map(contract.properties).set(
        'path',
        text([...textParts(prefix), ...textParts(path)], [prefix, path]),
      )
    : new Map([...contract.properties].map(([name, inner]) => [name, withPrefix(inner, prefix)]));
  return { ...contract, properties };
}
