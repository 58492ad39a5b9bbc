// https://docs.nestjs.com/faq/http-adapter
import type { EventRoutes } from '../kernel/event-routes.ts';
import { expressRoutes, type ExpressRoutes } from './express.ts';
import { fastifyRoutes, type FastifyRoutes } from './fastify.ts';

interface NestAdapterLike {
  getType(): string;
  getInstance(): { register?(plugin: FastifyRoutes): unknown };
  use(middleware: ExpressRoutes): unknown;
}

/**
 * For `configure` of a module: there the parsers, CORS and everything else of `main.ts` are in place, and the
 * controllers are not yet.
 */
export function mountOnNest(adapter: NestAdapterLike, routes: EventRoutes): void {
  const instance = adapter.getInstance();
  if (adapter.getType() === 'fastify' && instance.register !== undefined) {
    instance.register(fastifyRoutes(routes));
  } else {
    adapter.use(expressRoutes(routes));
  }
}
