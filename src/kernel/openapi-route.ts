import { jsonResponse } from './http-api.ts';
import type { Route } from './http-api.ts';
import { openApiDocument } from './openapi.ts';
import type { DescribedRoute, OpenApiOptions } from './openapi.ts';
import { OPEN_API_DOCUMENT } from './openapi-parts.ts';

export interface DocumentedRoutesOptions extends Omit<OpenApiOptions, 'routes'> {
  /** `describeWebhooks` and the like: operations are named once over all documents. */
  readonly operationId: string;
  readonly routes: readonly Route[];
  /** Below the same path, and answered by another handler. */
  readonly besides?: readonly DescribedRoute[] | undefined;
}

/** The routes of an API, and `GET /openapi.json` below them, which describes all of them and itself. */
export function documentedRoutes(options: DocumentedRoutesOptions): readonly Route[] {
  const { operationId, routes, besides = [], schemas } = options;
  const describe: Route = {
    method: 'GET',
    path: '/openapi.json',
    operation: { operationId, summary: 'This document.', answers: { 200: 'OpenApiDocument' } },
    handle: () => Promise.resolve(jsonResponse(200, document)),
  };
  const all = [...routes, describe];
  const document = openApiDocument({
    ...options,
    routes: [...all, ...besides],
    schemas: { ...schemas, OpenApiDocument: OPEN_API_DOCUMENT },
  });
  return all;
}
