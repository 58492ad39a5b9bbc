import type { OutboundRequest, OutboundResponse, Transport } from '../kernel/ports.ts';

/** One attempt as it went over the wire. */
export interface Exchange {
  /** ISO 8601. */
  readonly at: string;
  readonly request: { readonly url: string; readonly headers: Headers; readonly body: string };
  /** Undefined while it is waited for, and where none came. */
  readonly response:
    | { readonly status: number; readonly headers: Headers; readonly body: string }
    | undefined;
}

type Headers = Readonly<Record<string, string>>;

export interface Exchanges {
  /** The transport, whose attempts are remembered. */
  watch(transport: Transport): Transport;
  /** Of an event to an endpoint, the oldest first. */
  list(url: string, eventId: string): readonly Exchange[];
  isUnderWay(url: string, eventId: string): boolean;
}

/** Deliveries whose attempts are remembered; with what is kept of each at most some megabytes. */
const MAX_DELIVERIES = 200;
const MAX_ATTEMPTS = 8;
const MAX_BODY_CHARACTERS = 4000;
/** What is no secret of the user: those of a subscription's own headers may be. */
const SHOWN_HEADERS = /^(?:webhook-.*|content-.*|ce-.*|user-agent|deprecation|sunset|traceparent)$/;
/** What receivers set to recognise somebody by. */
const HIDDEN_HEADERS = /^(?:set-cookie|.*authori[sz]ation|.*token|.*secret|.*api-?key)$/;
const MASK = '••••••••';

/**
 * Remembers the newest attempts in memory: the log of deliveries keeps no headers.
 * @param onChange called when an attempt begins
 */
export function createExchanges(onChange: () => void): Exchanges {
  const remembered = new Map<string, Exchange[]>();
  const underWay = new Map<string, number>();

  function begin(
    { url, headers, body }: OutboundRequest,
    key: string,
  ): (response?: OutboundResponse) => void {
    const request = {
      url: withoutPassword(url),
      headers: masked(headers, (name) => SHOWN_HEADERS.test(name)),
      body: beginningOf(Buffer.from(body).toString('utf8')),
    };
    const at = new Date().toISOString();
    const list = remembered.get(key) ?? [];
    remembered.delete(key);
    remembered.set(key, [...list.slice(1 - MAX_ATTEMPTS), { at, request, response: undefined }]);
    const [oldest] = remembered.keys();
    if (remembered.size > MAX_DELIVERIES && oldest !== undefined) remembered.delete(oldest);
    underWay.set(key, (underWay.get(key) ?? 0) + 1);
    onChange();
    return (response) => {
      const left = (underWay.get(key) ?? 1) - 1;
      if (left === 0) underWay.delete(key);
      else underWay.set(key, left);
      const now = remembered.get(key);
      if (response === undefined || now === undefined) return;
      const shown = {
        status: response.status,
        headers: masked(response.headers, (name) => !HIDDEN_HEADERS.test(name)),
        body: beginningOf(response.body),
      };
      remembered.set(
        key,
        now.map((exchange) => (exchange.request === request ? { at, request, response: shown } : exchange)),
      );
    };
  }

  return {
    watch: (transport) => ({
      close: () => transport.close(),
      async send(outbound) {
        const end = begin(outbound, keyOf(outbound.url.href, outbound.headers['webhook-id'] ?? ''));
        try {
          const response = await transport.send(outbound);
          end(response);
          return response;
        } catch (error) {
          end();
          throw error;
        }
      },
    }),
    list: (url, eventId) => remembered.get(keyOf(url, eventId)) ?? [],
    isUnderWay: (url, eventId) => underWay.has(keyOf(url, eventId)),
  };
}

function keyOf(url: string, eventId: string): string {
  return `${URL.canParse(url) ? new URL(url).href : url} ${eventId}`;
}

function withoutPassword(url: URL): string {
  const shown = new URL(url);
  if (shown.password !== '') shown.password = 'hidden';
  return shown.href;
}

function beginningOf(text: string): string {
  return text.length > MAX_BODY_CHARACTERS ? `${text.slice(0, MAX_BODY_CHARACTERS)} …` : text;
}

function masked(headers: Headers, isShown: (name: string) => boolean): Headers {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, isShown(name.toLowerCase()) ? value : MASK]),
  );
}
