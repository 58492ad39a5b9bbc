import { EvtgenError, rootMessage } from '../ui/errors.ts';
import { createApi, type Api } from './api.ts';

const TIMEOUT_MS = 30_000;

/** The API of a running `evtgen serve`, or of an application that mounts it. */
export function httpApi(url: string, headers: Readonly<Record<string, string>> = {}): Api {
  return createApi({
    place: url,
    base: url,
    headers,
    async send(request): Promise<Response> {
      try {
        return await fetch(request, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'manual' });
      } catch (error) {
        throw new EvtgenError('unreachable', `${url} cannot be reached: ${rootMessage(error)}`, {
          hint: `start a server with "evtgen serve", or name yours by --url`,
        });
      }
    },
  });
}
