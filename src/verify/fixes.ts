import type { CauseCode } from './causes.ts';

/** Frameworks for which the fix is spelt out. */
export const FRAMEWORKS = ['express', 'fastify', 'nest', 'next', 'koa', 'hono'] as const;
export type FixFramework = (typeof FRAMEWORKS)[number];

/** How to get at the bytes as they came, for one route and no other: our receiver, or what the framework has. */
const RAW_BODY: Readonly<Record<FixFramework, string>> = {
  express: `app.post(path, webhookReceiver(…)) of evtgen/receive/express before any app.use(express.json()); or express.raw({ type: '*/*' }) there, and req.body is the Buffer`,
  fastify: `app.register(webhookReceiver(…), { prefix: path }) of evtgen/receive/fastify; or a plugin of its own for the route with addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body)) after removeAllContentTypeParsers()`,
  nest: `app.use(path, webhookReceiver(…)) of evtgen/receive/nest in main.ts before app.listen; or NestFactory.create(AppModule, { rawBody: true }) and request.rawBody (RawBodyRequest<Request>)`,
  next: 'app router: export const POST = webhookReceiver(…) of evtgen/receive/web, or Buffer.from(await request.arrayBuffer()) before any request.json(); pages router: export const config = { api: { bodyParser: false } }, and read the stream',
  koa: 'router.post(path, webhookReceiver(…)) of evtgen/receive/koa before any app.use(bodyParser()); or read the stream (raw-body) there: koa-bodyparser keeps ctx.request.rawBody as decoded text only',
  hono: 'app.post(path, (c) => receive(c.req.raw)) with receive = webhookReceiver(…) of evtgen/receive/web; or Buffer.from(await c.req.arrayBuffer()) before any c.req.json()',
};

/** One sentence on what to do about a cause; null where the cause says it all. */
export function fixFor(code: CauseCode, framework: FixFramework | null, scheme: string): string | null {
  if (code.startsWith('body_') && code !== 'body_truncated') {
    const way = framework === null ? '' : `: ${RAW_BODY[framework]}`;
    return `verify the bytes as they came, before anything parses them${way}`;
  }
  if (code === 'secret_used_decoded' && (scheme === 'standard' || scheme === 'svix')) {
    return 'decode the secret from base64, after "whsec_"';
  }
  return OTHER_FIXES[code] ?? null;
}

const OTHER_FIXES: Partial<Record<CauseCode, string>> = {
  header_missing: 'see that proxies and gateways pass the webhook headers on',
  header_duplicated: 'see that no proxy adds the header a second time',
  unknown_version: 'ask the sender for a signature of a version that this scheme knows',
  url_missing: 'give the URL as the sender has it: --url',
  timestamp_too_old: 'set the clock by NTP; to check a recorded message give --now or --tolerance',
  timestamp_too_new: 'set the clocks of both sides by NTP',
  timestamp_in_milliseconds: 'sign and send whole seconds: Math.floor(Date.now() / 1000)',
  secret_used_literally: 'the sender must take off "whsec_" and decode the rest from base64',
  secret_used_decoded: "take the secret's characters as the key, without decoding",
  secret_base64url: 'write the secret in standard base64 with padding',
  secret_prefix: 'use the secret on both sides exactly as the provider shows it',
  secret_quoted: 'take the quotes off where the secret is read, such as in the .env file',
  secret_whitespace: 'trim the secret where it is read',
  secret_of_other_kind: 'give the key that the sender shows for the version that it signs with',
  secret_of_other_endpoint: 'use the secret of the endpoint that received the message',
  body_truncated: 'raise the limit of whatever cut the body, or capture it whole',
  url_mismatch:
    'verify with the URL as the sender has it; behind a proxy it is not the one that the server sees',
  other_scheme: 'check with the scheme of the provider that sent it',
  signed_otherwise: 'let the sender sign what the scheme asks for, or check with --scheme hmac',
  signature_encoding: 'let the sender write the signature header as the scheme has it',
  signature_mismatch:
    'the body must be the bytes as received, before any parsing, and the secret that of this endpoint',
};

/** The framework that a package.json names; the first, by what sits on what. */
export function frameworkOf(manifest: string): FixFramework | null {
  const names = new Set(
    [...manifest.matchAll(/"(?<name>[@\w/.-]+)"\s*:/g)].map((match) => match.groups?.['name']),
  );
  const packages: readonly (readonly [string, FixFramework])[] = [
    ['@nestjs/core', 'nest'],
    ['next', 'next'],
    ['fastify', 'fastify'],
    ['hono', 'hono'],
    ['koa', 'koa'],
    ['express', 'express'],
  ];
  return packages.find(([name]) => names.has(name))?.[1] ?? null;
}
