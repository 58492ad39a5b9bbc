import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { Hazard } from '../../src/check/hazards/hazard.ts';
import { findHazards } from '../../src/check/hazards/find-hazards.ts';
import { ormsOf } from '../../src/codemod/orms/index.ts';
import { openProgram } from '../../src/codemod/program.ts';
import { isFunctionWithBody, nodesIn } from '../../src/codemod/syntax.ts';
import { openProject, ts } from '../../src/scan/project.ts';

const folder = join(import.meta.dirname, 'hazards');
const names = readdirSync(folder);
const found = new Map<string, readonly Hazard[]>();

beforeAll(() => {
  const project = openProject(folder);
  const view = project.typed();
  for (const name of names) {
    const isOfCase = (file: string): boolean => project.relativePath(file).startsWith(`${name}/`);
    const own = { ...project, files: project.files.filter(isOfCase) };
    const program = openProgram(own, 'events', ormsOf(storeOf(name)), { view });
    const handlers = program.sources
      .flatMap((source) => [...nodesIn(source, false)])
      .filter((node) => isFunctionWithBody(node))
      .filter((node) => isExported(node) || ts.isMethodDeclaration(node));
    found.set(name, findHazards(program, handlers));
  }
}, 60_000);

it.each(names)('%s', async (name) => {
  const lines = (found.get(name) ?? []).map(
    ({ rule, line, message, fix }) => `${line} ${rule}\n  ${message.replaceAll(`${name}/`, '')}\n  ${fix}\n`,
  );
  await expect(lines.length === 0 ? 'nothing\n' : lines.join('')).toMatchFileSnapshot(
    join(folder, name, 'output.txt'),
  );
});

function isExported(node: ts.Node): boolean {
  const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
  const isAssigned = ts.isBinaryExpression(node.parent) && node.parent.left.getText().startsWith('exports.');
  return isAssigned || modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
}

function storeOf(name: string): string {
  const file = join(folder, name, 'case.json');
  if (!existsSync(file)) return 'prisma';
  return (JSON.parse(readFileSync(file, 'utf8')) as { store: string }).store;
}
