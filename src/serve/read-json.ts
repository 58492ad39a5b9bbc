import type { Context } from 'hono';
import { ProblemError } from '../kernel/problem.ts';

/** @throws ProblemError 400 when the body is no JSON. */
export async function readJson(context: Context): Promise<unknown> {
  try {
    return await context.req.json();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ProblemError({ status: 400, code: 'invalid_json', detail: 'the body is no JSON' });
  }
}
