import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { badQuery } from '../kernel/http-api.ts';
import { internalError, notFound, ProblemError, problemResponse } from '../kernel/problem.ts';
import type { EventStream } from '../kernel/stream.ts';
import type { HealthReport } from '../kernel/health.ts';
import type { Exchanges } from './exchanges.ts';
import type { KernelModules } from './kernel-modules.ts';
import type { LiveUpdates } from './live.ts';
import { originGuard, type OriginRule } from './origin-guard.ts';
import type { OverviewQuery } from './overview.ts';
import type { Page } from './page.ts';
import { publishEvents, type Emit } from './publish-event.ts';
import { readJson } from './read-json.ts';
import { createReceiverRoutes } from './receivers/receiver-routes.ts';
import type { Receivers } from './receivers/receivers.ts';
import type { LocalRegistry } from './registry.ts';
import { sampleAnswer } from './sample-answer.ts';

type Handler = (request: Request) => Promise<Response>;

/** What the routes lead to. */
export interface ServeParts {
  readonly originRule: OriginRule;
  readonly kernel: KernelModules;
  readonly registry: LocalRegistry;
  readonly emit: Emit;
  /** Undefined where there are none. */
  readonly receivers: Receivers | undefined;
  readonly live: LiveUpdates;
  readonly page: Page;
  /** Handlers of the kernel, as applications mount them. */
  readonly webhooks: Handler;
  readonly log: Handler;
  readonly deadLetters: Handler;
  readonly stream: Pick<EventStream, 'handle' | 'ticket'>;
  /** Everything the page shows. */
  readonly overview: (query: OverviewQuery) => Promise<unknown>;
  /** Of the event at a position; undefined where there is none. */
  readonly envelope: (position: number) => Promise<unknown>;
  /** Undefined where attempts are made elsewhere. */
  readonly exchanges: Pick<Exchanges, 'list'> | undefined;
  readonly health: () => Promise<HealthReport>;
  /** Signing secret of the built-in receiver. */
  readonly secret: (() => Promise<string>) | undefined;
  /** Takes nothing that would be written. */
  readonly isReadOnly: boolean;
  readonly onError: (error: unknown) => void;
}

const MAX_BODY_BYTES = 1024 * 1024;

/** Everything that `serve` answers. */
export function createRoutes(parts: ServeParts): Hono {
  const app = new Hono();
  app.use(originGuard(parts.originRule));
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: () => problemResponse(tooLarge) }));
  app.use(async (context, next) => {
    if (parts.isReadOnly && !/^(?:GET|HEAD)$/.test(context.req.method)) return problemResponse(readOnly);
    await next();
    return undefined;
  });
  app.use(async (context, next) => {
    await next();
    if (context.req.method !== 'GET') parts.live.changed();
  });
  app.onError((error) => {
    if (error instanceof ProblemError) return problemResponse(error.problem);
    parts.onError(error);
    return problemResponse(internalError);
  });
  app.notFound(() => problemResponse(notFound));

  app.get('/', () => parts.page.html());
  app.get(
    '/_serve/page/:file',
    (context) => parts.page.file(context.req.param('file')) ?? problemResponse(notFound),
  );
  app.get('/healthz', async () => {
    const health = await parts.health();
    return Response.json(health, { status: health.ok ? 200 : 503 });
  });

  app.post('/events', async (context) => publishEvents(await readJson(context), parts));
  app.get('/events', (context) => parts.log(context.req.raw));
  app.get('/events/openapi.json', (context) => parts.log(context.req.raw));
  app.get('/events/stream', (context) => parts.stream.handle(context.req.raw));
  app.post('/events/stream/ticket', (context) => parts.stream.ticket(context.req.raw));
  for (const [path, handler] of [
    ['/webhooks', parts.webhooks],
    ['/dead-letters', parts.deadLetters],
  ] as const) {
    app.all(path, (context) => handler(context.req.raw));
    app.all(`${path}/*`, (context) => handler(context.req.raw));
  }

  app.get('/_serve/overview', async (context) =>
    Response.json(await parts.overview(overviewQuery(context.req.query()))),
  );
  app.get('/_serve/events/:position{[0-9]{1,15}}', async (context) => {
    const envelope = await parts.envelope(Number(context.req.param('position')));
    return envelope === undefined ? problemResponse(notFound) : Response.json(envelope);
  });
  app.get('/_serve/sample', (context) => sampleAnswer(context.req.query(), parts.registry));
  app.get('/_serve/live', () => parts.live.open());
  const { receivers, secret, exchanges } = parts;
  if (exchanges !== undefined) {
    app.get('/_serve/exchanges', (context) => {
      const { url = '', eventId = '' } = context.req.query();
      return Response.json({ exchanges: exchanges.list(url, eventId) });
    });
  }
  if (secret !== undefined) app.get('/_serve/secret', async () => Response.json({ secret: await secret() }));
  if (receivers !== undefined) app.route('/_receive', createReceiverRoutes(receivers));
  return app;
}

function overviewQuery({ before, type, subject, letterType }: Record<string, string>): OverviewQuery {
  if (before !== undefined && !/^\d{1,15}$/.test(before)) throw badQuery('before must be a position');
  return { before: before === undefined ? undefined : Number(before), type, subject, letterType };
}

const readOnly = {
  status: 403,
  code: 'read_only',
  detail: 'this serve only reads the database of the application; with --worker it also writes',
};
const tooLarge = {
  status: 413,
  code: 'body_too_large',
  detail: `a body may have ${MAX_BODY_BYTES} bytes`,
};
