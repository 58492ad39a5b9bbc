import { describe, expect, it } from 'vitest';
import { formatReport } from '../../src/scan/table.ts';
import { scanPackages } from '../../src/scan/scan-packages.ts';
import { scanSources, writeSources } from '../helpers/scan-sources.ts';

const resolver = (library: string): string => `import { Mutation, Resolver } from '${library}';
  @Resolver() export class Orders {
    @Mutation(() => Order) place() {}
    @Mutation(() => Order) ship() {}
  }`;
const depends = (name: string): string => JSON.stringify({ dependencies: { [name]: '1.0.0' } });

describe('mutations that are no handlers of HTTP methods', () => {
  it.each([
    ['graphql', 'type-graphql', 2, { 'src/a.ts': resolver('type-graphql') }],
    ['graphql', '@nestjs/graphql', 2, { 'src/a.ts': resolver('@nestjs/graphql') }],
    [
      'graphql',
      'nexus',
      2,
      {
        'src/a.ts': `import { extendType, mutationField } from 'nexus';
          export const ship = mutationField('ship', { resolve() {} });
          export const more = extendType({ type: 'Mutation', definition(t) {} });`,
      },
    ],
    [
      'graphql',
      '@pothos/core',
      1,
      {
        'package.json': depends('@pothos/core'),
        'src/a.ts':
          "import { builder } from './builder'; builder.mutationField('ship', (t) => t.boolean({}));",
      },
    ],
    [
      'graphql',
      '@apollo/server',
      1,
      {
        'package.json': depends('@apollo/server'),
        'src/a.js': 'export const resolvers = { Query: {}, Mutation: { ship: () => true } };',
      },
    ],
    [
      'trpc',
      '@trpc/server',
      3,
      {
        'package.json': depends('@trpc/server'),
        'src/a.ts': `import { procedure, router } from './trpc';
          export const orders = router({
            place: procedure.input(order).mutation(async ({ input }) => place(input)),
            ship: procedure.mutation(({ input }) => ship(input)),
            cancel: procedure.mutation(cancel),
          });`,
      },
    ],
    [
      'grpc',
      '@connectrpc/connect',
      1,
      {
        'src/a.ts': `import type { ConnectRouter } from '@connectrpc/connect';
          export default (router: ConnectRouter) => router.service(OrderService, { place() {} });`,
      },
    ],
    [
      'grpc',
      '@grpc/grpc-js',
      1,
      {
        'src/a.js':
          "const grpc = require('@grpc/grpc-js'); new grpc.Server().addService(orders, { place() {} });",
      },
    ],
  ])('are said to be there, of %s by %s', (kind, library, places, sources) => {
    const { mutations, otherInterfaces } = scanSources(sources, { payloads: false });
    expect(mutations).toEqual([]);
    expect(otherInterfaces).toMatchObject([
      { kind, library, places, file: expect.stringMatching(/^src\/a\./) },
    ]);
  });

  it('are no endpoints of clients, no types and no names of other things', () => {
    const report = scanSources({
      'package.json': JSON.stringify({ dependencies: { '@trpc/server': '1', graphql: '1' } }),
      'src/a.ts': `export const api = createApi({ endpoints: (build) => ({ add: build.mutation({ query }) }) });
        export type Context = { Mutation: Resolvers };
        client.mutation({ mutation: ADD });`,
    });
    expect(report).not.toHaveProperty('otherInterfaces');
  });

  it('take one line of what people read, in a monorepo too', () => {
    const root = writeSources({
      'package.json': JSON.stringify({ workspaces: ['packages/*'] }),
      'packages/orders/package.json': '{}',
      'packages/orders/src/a.ts': resolver('type-graphql'),
      'packages/refunds/package.json': '{}',
      'packages/refunds/src/b.ts': resolver('type-graphql'),
    });
    const { report } = scanPackages(root, () => ({ payloads: false }));
    const lines = formatReport(report, { columns: Number.POSITIVE_INFINITY, hasColor: false });
    expect(lines.slice(0, 2)).toEqual([
      '',
      'Not listed: mutations of GraphQL (type-graphql, 4 places, first packages/orders/src/a.ts:3). evtgen works on the handlers of HTTP methods',
    ]);
    expect(lines.at(-1)).toMatch(/^0 mutations, 0 event types/);
  });
});
