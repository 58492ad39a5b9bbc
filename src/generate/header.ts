import type { Dialect } from './dialect.ts';
import type { WantedFile } from './plan.ts';

const OWNER_LINES = {
  A: 'Kernel, updated by `evtgen generate` unless you edit it.',
  B: 'Generated from the catalog. Do not edit: change events/ or setup and run `evtgen generate`.',
  C: 'Yours: written once by evtgen, never touched again.',
} as const;

const NODE_TYPES = '/// <reference types="node" />\n';

/**
 * The comment that opens an emitted file.
 *
 * A and B files are not subject to the project's lint rules, which may contradict each other's; types are
 * checked as everywhere. (For rules about `eslint-disable` itself, see eslint.ts.) The references bring in the types of `node:` imports, and of ES2022, for projects whose
 * tsconfig does not name them.
 */
export function header(owner: WantedFile['owner'], version: string, dialect: Dialect): string {
  const first = `// evtgen ${version}, ${owner}: ${OWNER_LINES[owner]}\n`;
  if (owner === 'C') return `${first}\n`;
  const lint = dialect.lintComment === undefined ? '' : `${dialect.lintComment}\n`;
  if (dialect.fileEnding !== '.ts') return `${first}${lint}/* eslint-disable */\n\n`;
  const libs = dialect.missingLibs.map((lib) => `/// <reference lib="${lib}" />\n`);
  return `${first}${lint}/* eslint-disable */\n${NODE_TYPES}${libs.join('')}\n`;
}

/** The header of a file that runs in browsers. */
export function browserHeader(version: string, dialect: Dialect): string {
  return header('A', version, dialect).replace(NODE_TYPES, '');
}

/** The comment above `eslint-disable` in a file that was written with one. */
export function lintCommentIn(text: string): string | undefined {
  return /^\/\/ evtgen .*\r?\n(\/\* eslint ".*\*\/)\r?\n/.exec(text)?.[1];
}

/** Whether evtgen wrote the file: its routes are no mutations of the team's API. */
export function isEmitted(text: string): boolean {
  return /^\/\/ evtgen \d/.test(text);
}

const HEADER = /^(\/\/ evtgen .*\n)((?:\/\* eslint.*\*\/\n)*(?:\/\/\/ <reference .*\n)*)\n/;

/** The file below its header: for a kernel file, the bytes of evtgen's own. */
export function withoutHeader(text: string): string {
  return text.replace(HEADER, '');
}

/** The file with what another one's header has below the version: the settings of a project change, its text does not. */
export function withHeaderOf(model: string, text: string): string {
  const [, , below] = HEADER.exec(model.replaceAll('\r\n', '\n')) ?? [];
  return below === undefined ? text : text.replace(HEADER, (_, first: string) => `${first}${below}\n`);
}
