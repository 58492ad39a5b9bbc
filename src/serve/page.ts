import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';

/** The page at `/`, and what it is made of. */
export interface Page {
  html(): Response;
  /** A file at `/_serve/page/`; undefined where there is none. */
  file(name: string): Response | undefined;
}

const HTML = new URL('../../templates/serve/page.html', import.meta.url);
const FOLDER = new URL('../../templates/serve/page/', import.meta.url);
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};
/** Nothing runs but these files: neither what stands in the page nor what comes from elsewhere. */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

export async function createPage(): Promise<Page> {
  const html = await readFile(HTML, 'utf8');
  const files = new Map<string, string>();
  for (const name of await readdir(FOLDER)) files.set(name, await readFile(new URL(name, FOLDER), 'utf8'));
  return {
    html: () =>
      new Response(html, {
        headers: {
          ...HEADERS,
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy': POLICY,
          'referrer-policy': 'no-referrer',
        },
      }),
    file(name) {
      const text = files.get(name);
      const type = TYPES[extname(name)];
      if (text === undefined || type === undefined) return undefined;
      return new Response(text, { headers: { ...HEADERS, 'content-type': type } });
    },
  };
}
