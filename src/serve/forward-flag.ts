import { createAddressGuard } from '../kernel/address-guard.ts';
import { parseEndpointUrl } from '../kernel/endpoint-url.ts';
import { readEventTypes } from '../kernel/subscription-fields.ts';
import type { FieldProblem } from '../kernel/problem.ts';
import { EvtgenError } from '../ui/errors.ts';
import type { LocalRegistry } from './registry.ts';

/** Where events are forwarded to, and which. */
export interface Forward {
  readonly url: string;
  readonly eventTypes: readonly string[];
}

/**
 * `--forward URL`, or `--forward TYPES=URL` with a filter of its own. The host is reached wherever it is: it was named
 * by whoever runs serve.
 * @param events the filter of those that have none
 * @throws EvtgenError `forward_invalid`.
 */
export function parseForward(text: string, events: readonly string[], registry: LocalRegistry): Forward {
  const [, types, address = ''] = /^(?:([^=:/?]+)=)?(.*)$/.exec(text) ?? [];
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const allow = url === undefined || url.hostname === '' ? [] : [hostOf(url)];
  const parsed = parseEndpointUrl(address, { guard: createAddressGuard({ allow }) });
  if (!parsed.ok) throw invalid(text, `its URL ${parsed.detail}`);
  const errors: FieldProblem[] = [];
  const known = registry.eventTypes === null ? undefined : registry.definitions;
  const eventTypes = readEventTypes(types?.split(',') ?? events, known, errors);
  if (errors[0] !== undefined) throw invalid(text, `its filter ${errors[0].detail}`);
  return { url: parsed.url.href, eventTypes };
}

/** As the allow-list of the address guard has it. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

function invalid(text: string, what: string): EvtgenError {
  return new EvtgenError('forward_invalid', `--forward ${text}: ${what}`, {
    hint: "expected a URL such as http://localhost:3000/webhooks, or a filter and a URL: 'order.*=http://…'",
  });
}
