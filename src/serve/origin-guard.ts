import type { MiddlewareHandler } from 'hono';
import { problemResponse, type ProblemOptions } from '../kernel/problem.ts';
import { isLoopbackHost } from './loopback.ts';

/**
 * Keeps other web sites away from a server that trusts everybody who reaches it. A name that an attacker points at
 * 127.0.0.1 (DNS rebinding) shows in `Host`; a form or script of another page shows in `Origin`.
 */
export const originGuard: MiddlewareHandler = async (context, next) => {
  const foreign = foreignProblem(context.req.header('host'), context.req.header('origin'));
  if (foreign !== undefined) return problemResponse(foreign);
  await next();
  return undefined;
};

/** Why a request with these headers is not answered; undefined when it is. */
export function foreignProblem(
  host: string | undefined,
  origin: string | undefined,
): ProblemOptions | undefined {
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
  return undefined;
}

function isLoopback(text: string): boolean {
  return URL.canParse(text) && isLoopbackHost(new URL(text).hostname);
}
