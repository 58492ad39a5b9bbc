import type { Project } from './project.ts';
import type { OtherInterface } from './report.ts';

/** A way in which code offers mutations that are no handlers of HTTP methods. */
interface Sign {
  readonly kind: OtherInterface['kind'];
  /** The packages of which the file must import one; where `isNear`, its package.json may name it instead. */
  readonly libraries: readonly string[];
  readonly isNear?: true;
  readonly mutation: RegExp;
}

const GRAPHQL_SERVERS = [
  '@apollo/server',
  'apollo-server',
  'apollo-server-core',
  'apollo-server-express',
  'graphql-yoga',
  'mercurius',
  'express-graphql',
  'graphql-http',
  'graphql-tools',
  '@graphql-tools/schema',
  'graphql',
];

const SIGNS: readonly Sign[] = [
  { kind: 'graphql', libraries: ['@nestjs/graphql', 'type-graphql'], mutation: /@Mutation\s*\(/g },
  {
    kind: 'graphql',
    libraries: ['nexus'],
    mutation: /\bmutationField\s*\(|\btype\s*:\s*['"]Mutation['"]/g,
  },
  { kind: 'graphql', libraries: ['@pothos/core'], isNear: true, mutation: /\.mutationField\s*\(/g },
  {
    kind: 'graphql',
    libraries: GRAPHQL_SERVERS,
    isNear: true,
    mutation: /(?<![\w.$'"])Mutation\s*:\s*\{/g,
  },
  {
    kind: 'trpc',
    libraries: ['@trpc/server'],
    isNear: true,
    // Clients of an API are built with the same word: `builder.mutation({ query })`.
    mutation: /(?<!\b[bB]uild(?:er)?)\.mutation\s*\(\s*(?:async\b|\(|function\b|\w+\s*(?:=>|\)))/g,
  },
  { kind: 'grpc', libraries: ['@nestjs/microservices'], mutation: /@GrpcMethod\s*\(/g },
  { kind: 'grpc', libraries: ['@connectrpc/connect'], mutation: /\brouter\.service\s*\(/g },
  { kind: 'grpc', libraries: ['@grpc/grpc-js', 'grpc'], mutation: /\.addService\s*\(/g },
];

/** Cheap sign of any of them. */
const ANY =
  /@Mutation\s*\(|\bmutationField\s*\(|\bMutation\b\s*['":]|\.mutation\s*\(|@GrpcMethod|\brouter\.service\s*\(|\.addService\s*\(/;
const IMPORT = /\b(?:from|require\s*\()\s*['"]([^'"\n]+)['"]/g;

/**
 * What changes things and is no handler of an HTTP method, so that no scan lists it: mutations of GraphQL, procedures of
 * tRPC, services of gRPC. Found by the text of the sources; by library, with the place of the first.
 */
export function otherInterfaces(project: Project): OtherInterface[] {
  const found: OtherInterface[] = [];
  for (const file of project.files) {
    const text = project.text(file);
    if (!ANY.test(text)) continue;
    const imported = new Set([...text.matchAll(IMPORT)].map(([, specifier = '']) => packageOf(specifier)));
    for (const sign of SIGNS) {
      const library = sign.libraries.find(
        (name) => imported.has(name) || (sign.isNear === true && project.dependsOn(file, name)),
      );
      const places = library === undefined ? [] : [...text.matchAll(sign.mutation)];
      const [first] = places;
      if (library === undefined || first === undefined) continue;
      found.push({
        kind: sign.kind,
        library,
        places: places.length,
        file: project.relativePath(file),
        line: text.slice(0, first.index).split('\n').length,
      });
    }
  }
  return byLibrary(found);
}

/** Those of one library as one, at the first place. */
export function byLibrary(others: readonly OtherInterface[]): OtherInterface[] {
  const merged = new Map<string, OtherInterface>();
  for (const other of others) {
    const known = merged.get(other.library);
    merged.set(
      other.library,
      known === undefined ? other : { ...known, places: known.places + other.places },
    );
  }
  return [...merged.values()];
}

/** `@trpc/server` of `@trpc/server/adapters/next` */
function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

const PROTOCOLS: Readonly<Record<OtherInterface['kind'], string>> = {
  graphql: 'mutations of GraphQL',
  trpc: 'mutations of tRPC',
  grpc: 'services of gRPC',
};

/** One line for people: what was seen, and why it is not listed. */
export function otherInterfacesLine(others: readonly OtherInterface[]): string {
  const seen = others.map(
    ({ kind, library, places, file, line }) =>
      `${PROTOCOLS[kind]} (${library}, ${places} ${places === 1 ? 'place' : 'places'}, first ${file}:${line})`,
  );
  return `Not listed: ${seen.join(', ')}. evtgen works on the handlers of HTTP methods`;
}
