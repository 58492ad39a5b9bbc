import { join } from 'node:path';
import { mentionOf } from './importers.ts';
import { ts, type Project } from './project.ts';
import type { RouterNode } from './route-graph.ts';

const STRING = /(['"])[^'"\n]*\1/g;

/**
 * Whether a router is another package's own: made outside of the scanned folder, in a file that files in it import for
 * the sake of something else. It serves requests there, and is listed there.
 */
export function isForeign(project: Project, { site }: RouterNode): boolean {
  if (!site.file.startsWith('../')) return false;
  const name = boundName(site.node);
  if (name === null) return false;
  const made = join(project.root, site.file);
  const importing = [...project.imports]
    .filter(([file, targets]) => !project.relativePath(file).startsWith('../') && targets.has(made))
    .map(([file]) => file);
  const isMention = mentionOf([name]);
  const mayUse = (text: string): boolean =>
    isMention.test(text.replaceAll(STRING, '')) || /\bimport\s*\*|\brequire\s*\(/.test(text);
  return importing.length > 0 && !importing.some((file) => mayUse(project.text(file)));
}

/** `payments` of `export const payments = new Hono()` */
function boundName(node: ts.Node): string | null {
  const { parent } = node;
  return ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name) ? parent.name.text : null;
}
