import { createHash } from 'node:crypto';

/**
 * The id under which git stores the text, so that a later run can ask git for it. Line ends count as line feeds, as
 * in a repository with `text=auto`: the id is the same on every checkout.
 */
export function gitBlobId(text: string): string {
  const bytes = Buffer.from(text.replaceAll('\r\n', '\n'));
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
