import { cause, type Cause } from '../causes.ts';
import { headerOf, type Message } from '../message.ts';

export interface UrlVariant {
  readonly url: string;
  readonly cause: Cause;
}

/** The URLs under which the sender may know this receiver. */
export function* urlVariants({ url, headers }: Pick<Message, 'url' | 'headers'>): Generator<UrlVariant> {
  if (url === undefined) return;
  const parts = /^(?<scheme>https?):\/\/(?<host>[^/?#]+)(?<path>[^?#]*)(?<query>\?[^#]*)?(?:#.*)?$/s.exec(
    url,
  )?.groups;
  if (parts === undefined) return;
  const { scheme = '', host = '', path = '', query = '' } = parts;
  const hosts = new Set(
    [
      host,
      headerOf(headers, 'x-forwarded-host'),
      headerOf(headers, 'x-original-host'),
      headerOf(headers, 'host'),
    ].filter((name) => name !== undefined),
  );
  const paths = new Set([path, path.endsWith('/') ? path.slice(0, -1) : `${path}/`]);
  for (const each of hosts) {
    for (const variantScheme of [scheme, scheme === 'https' ? 'http' : 'https']) {
      for (const variantHost of [each, each.replace(/:\d+$/, '')]) {
        for (const variantPath of paths) {
          for (const variantQuery of new Set([query, ''])) {
            const made = `${variantScheme}://${variantHost}${variantPath}${variantQuery}`;
            if (made !== url)
              yield { url: made, cause: cause('url_mismatch', `the URL that was signed is ${made}`) };
          }
        }
      }
    }
  }
}
