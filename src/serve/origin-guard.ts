import { timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { problemResponse, type ProblemOptions } from '../kernel/problem.ts';
import { isLoopbackHost } from './loopback.ts';

/** What tells where a request comes from; no script of a page can change these. */
export interface Provenance {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site` */
  readonly fetchSite: string | undefined;
  readonly authorization: string | undefined;
}

export interface OriginRule {
  /** Why a request is not answered; undefined when it is. */
  refuse(request: Provenance): ProblemOptions | undefined;
  hasToken(request: Provenance): boolean;
}

const READING = /^(?:GET|HEAD|OPTIONS)$/;

/**
 * Keeps other web sites away from a server that trusts everybody who reaches it. A name that an attacker points at
 * 127.0.0.1 (DNS rebinding) shows in `Host`; a form or script of another page shows in `Origin`. Another server of this
 * machine may read, as far as its browser lets it, and writes with the token only: whatever runs there was not asked.
 */
export function createOriginRule(token: string): OriginRule {
  const expected = Buffer.from(`Bearer ${token}`);
  const hasToken = ({ authorization = '' }: Provenance): boolean => {
    const given = Buffer.from(authorization);
    return given.length === expected.length && timingSafeEqual(given, expected);
  };

  function refuse(request: Provenance): ProblemOptions | undefined {
    const { method, host, origin } = request;
    if (host === undefined || !isLoopback(`http://${host}`)) {
      return {
        status: 403,
        code: 'foreign_host',
        detail: 'this server answers to localhost only, not to the host name of this request',
      };
    }
    if (origin !== undefined && !isLoopback(origin)) {
      return {
        status: 403,
        code: 'foreign_origin',
        detail: 'this server takes no requests from the pages of other sites',
      };
    }
    if (READING.test(method) || !isOfAnotherPage(request) || hasToken(request)) return undefined;
    return {
      status: 403,
      code: 'token_required',
      detail:
        'the page of another server needs the token of this one: authorization: Bearer and what --json says at the start, or EVTGEN_TOKEN with --exec',
    };
  }

  return { refuse, hasToken };
}

/** The rule, and what browsers want to be told before they let another page of this machine keep to it. */
export function originGuard(rule: OriginRule): MiddlewareHandler {
  return async (context, next) => {
    const request = provenanceOf(context);
    const foreign = rule.refuse(request);
    if (foreign !== undefined) return problemResponse(foreign);
    const { method, origin } = request;
    const isPreflight =
      method === 'OPTIONS' && context.req.header('access-control-request-method') !== undefined;
    // What is read without the token stays hidden from the page by its browser.
    if (origin === undefined || !(isPreflight || rule.hasToken(request))) {
      await next();
      return undefined;
    }
    if (isPreflight) {
      return new Response(null, {
        status: 204,
        headers: {
          'access-control-allow-origin': origin,
          'access-control-allow-methods': 'POST, PUT, PATCH, DELETE',
          'access-control-allow-headers': 'authorization, content-type, idempotency-key',
          vary: 'origin',
        },
      });
    }
    await next();
    context.header('access-control-allow-origin', origin);
    context.header('vary', 'origin', { append: true });
    return undefined;
  };
}

function provenanceOf({ req }: Context): Provenance {
  return {
    method: req.method,
    host: req.header('host'),
    origin: req.header('origin'),
    fetchSite: req.header('sec-fetch-site'),
    authorization: req.header('authorization'),
  };
}

/** Programs that are no browser say nothing of it. */
function isOfAnotherPage({ host, origin, fetchSite }: Provenance): boolean {
  if (origin !== undefined) return new URL(origin).host !== new URL(`http://${host}`).host;
  return fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none';
}

function isLoopback(text: string): boolean {
  return URL.canParse(text) && isLoopbackHost(new URL(text).hostname);
}
