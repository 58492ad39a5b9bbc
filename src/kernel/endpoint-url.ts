import type { AddressGuard } from './address-guard.ts';

/** Ports that webhooks may go to unless configured otherwise; not the ones of databases and shells. */
const DEFAULT_PORTS: readonly number[] = [80, 443, 8080, 8443];

const MAX_URL_LENGTH = 2000;
const MAX_HOST_LENGTH = 253;

/** Names that are never public; only for an early and helpful answer, the addresses are what is guarded. */
const LOCAL_NAMES = /(?:^|\.)(?:localhost|local|internal)$/;

export interface EndpointRules {
  readonly guard: AddressGuard;
  /** `http:` as well; for hosts on the guard's allow-list it always is. */
  readonly allowHttp?: boolean | undefined;
  readonly ports?: readonly number[] | undefined;
}

export type EndpointUrl =
  | { readonly ok: true; readonly url: URL }
  | { readonly ok: false; readonly detail: string };

/**
 * Parses and judges the URL of an endpoint without touching the network. What is stored and dialled is the
 * result, never the text: WHATWG parsing has folded the odd spellings of addresses by then.
 */
export function parseEndpointUrl(text: string, rules: EndpointRules): EndpointUrl {
  if (text.length > MAX_URL_LENGTH) return refuse(`must have at most ${MAX_URL_LENGTH} characters`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return refuse('must be an absolute URL');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return refuse('must start with https://');
  if (url.username !== '' || url.password !== '') return refuse('must not contain a user name or password');
  if (text.includes('#')) return refuse('must not contain a fragment');
  // One trailing dot is the root of DNS: `localhost.` resolves like `localhost` and would escape the name rules.
  if (url.hostname.endsWith('.')) url.hostname = url.hostname.slice(0, -1);
  const host = url.hostname;
  if (host === '' || host.length > MAX_HOST_LENGTH || host.split('.').includes('')) {
    return refuse('must have a valid host name');
  }
  if (rules.guard.isAllowListed(host)) return { ok: true, url };

  if (url.protocol === 'http:' && rules.allowHttp !== true) return refuse('must start with https://');
  const port = url.port === '' ? (url.protocol === 'http:' ? 80 : 443) : Number(url.port);
  const ports = rules.ports ?? DEFAULT_PORTS;
  if (ports.includes(port) === false) return refuse(`must use one of the ports ${ports.join(', ')}`);
  if (LOCAL_NAMES.test(host)) return refuse('must be a host on the public internet');
  return { ok: true, url };
}

function refuse(detail: string): EndpointUrl {
  return { ok: false, detail };
}

/** Set by the sender itself, or able to change how the request is framed or signed. */
const RESERVED_HEADERS =
  /^(?:host|connection|keep-alive|proxy-.*|te|trailer|upgrade|expect|transfer-encoding|content-.*|webhook-.*|ce-.*|deprecation|sunset|user-agent)$/;

/** Why a custom header cannot be sent, or undefined when it can. */
export function checkCustomHeader(name: string, value: string): string | undefined {
  if (/^[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/i.test(name) === false) return 'is no header name';
  if (RESERVED_HEADERS.test(name.toLowerCase())) return 'is set by the sender';
  // Printable ASCII only: CR and LF would start another header.
  if (/^[\x20-\x7e]{0,1000}$/.test(value) === false) return 'must be at most 1000 printable ASCII characters';
  return undefined;
}
