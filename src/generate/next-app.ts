import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ts, type Project } from '../scan/project.ts';

/** The folder of the app router of Next.js. */
export function appRouterFolder(root: string): string {
  const known = ['app', 'src/app', 'pages', 'src/pages'].find((folder) => existsSync(join(root, folder)));
  const base = known ?? (existsSync(join(root, 'src')) ? 'src/app' : 'app');
  return base.replace(/pages$/, 'app');
}

/**
 * The path below which Next.js serves the application and which its route handlers do not see; empty where there is none,
 * or none that is written out.
 * @see https://nextjs.org/docs/app/api-reference/config/next-config-js/basePath
 */
export function nextBasePath(project: Project): string {
  const file = project.files.find((path) => /^next\.config\.[cm]?[jt]s$/.test(project.relativePath(path)));
  if (file === undefined || !/\bbasePath\b/.test(project.text(file))) return '';
  const said = new Map<string, string>();
  let found = '';
  const visit = (node: ts.Node): void => {
    ts.forEachChild(node, visit);
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name)) {
      if (node.initializer !== undefined && ts.isStringLiteralLike(node.initializer)) {
        said.set(node.name.text, node.initializer.text);
      }
    } else if (ts.isShorthandPropertyAssignment(node) && node.name.text === 'basePath') {
      found = said.get('basePath') ?? '';
    } else if (ts.isPropertyAssignment(node) && node.name.getText() === 'basePath') {
      const { initializer } = node;
      if (ts.isStringLiteralLike(initializer)) found = initializer.text;
      else if (ts.isIdentifier(initializer)) found = said.get(initializer.text) ?? '';
    }
  };
  visit(project.parse(file));
  return found;
}
