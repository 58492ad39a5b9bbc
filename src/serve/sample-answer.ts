import { randomInt } from 'node:crypto';
import { badQuery } from '../kernel/http-api.ts';
import { ProblemError } from '../kernel/problem.ts';
import { EvtgenError } from '../ui/errors.ts';
import { unknownType } from './publish-event.ts';
import type { LocalRegistry } from './registry.ts';

const MAX_SEED = 2 ** 31;

/**
 * `GET /_serve/sample?type=order.created&seed=7`: as `event` what `POST /events` takes, another one each time unless a
 * seed is given, and as `schema` that of its data.
 * @throws ProblemError 400, 422
 */
export function sampleAnswer(query: Readonly<Record<string, string>>, registry: LocalRegistry): Response {
  const { type = '', seed } = query;
  if (seed !== undefined && !/^\d{1,9}$/.test(seed)) throw badQuery('seed must be a whole number');
  const options =
    seed === undefined ? { seed: randomInt(MAX_SEED), time: Date.now() } : { seed: Number(seed) };
  try {
    const event = registry.sample(type, options);
    if (event === undefined) throw unknownType(type, registry);
    return Response.json({ event, schema: registry.typeOf(type)?.schema });
  } catch (error) {
    if (!(error instanceof EvtgenError)) throw error;
    throw new ProblemError({ status: 422, code: error.code, detail: error.message });
  }
}
