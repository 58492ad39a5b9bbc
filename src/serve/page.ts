import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const FILE = new URL('../../templates/serve/page.html', import.meta.url);

/** The page at `/`. Its policy lets nothing run but the style and the script that stand in it. */
export async function createPage(): Promise<() => Response> {
  const html = await readFile(FILE, 'utf8');
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(html, 'style')}'`,
    `script-src '${hashOf(html, 'script')}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  };
  return () => new Response(html, { headers });
}

function hashOf(html: string, tag: 'style' | 'script'): string {
  const text = new RegExp(`<${tag}[^>]*>([^]*?)</${tag}>`).exec(html)?.[1] ?? '';
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
