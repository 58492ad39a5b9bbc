import { expect, it } from 'vitest';
import { createPage } from '../../src/serve/page.ts';

/** What a file of the page names: the rest of it is found by following these. */
const REFERENCES = /(?:src|href)="\/_serve\/page\/([^"]+)"|from '\.\/([^']+)'/g;

it('is small, whole, and runs nothing but its own files', async () => {
  const page = await createPage();
  const html = page.html();
  expect(html.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(html.headers.get('content-security-policy')).not.toMatch(/unsafe|https?:|\*/);
  const text = await html.text();
  expect(text).not.toMatch(/<script(?! type="module" src="\/_serve)|<style| on[a-z]+=| style="/);
  const texts = new Map([['page.html', text]]);
  for (const [, content] of texts) {
    for (const [, linked, imported] of content.matchAll(REFERENCES)) {
      const name = linked ?? imported ?? '';
      if (texts.has(name)) continue;
      const file = page.file(name);
      expect([name, file?.status]).toEqual([name, 200]);
      texts.set(name, (await file?.text()) ?? '');
    }
  }
  expect(texts.size).toBeGreaterThan(10);
  const bytes = [...texts.values()].reduce((sum, each) => sum + Buffer.byteLength(each), 0);
  expect(bytes).toBeLessThan(100_000);
  for (const name of ['../page.html', 'none.js', '..%2fpage.html']) expect(page.file(name)).toBeUndefined();
});
