import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { frameworks } from '../../src/frameworks/index.ts';
import type { Mutation } from '../../src/scan/report.ts';
import { scanProject } from '../../src/scan/scan.ts';

/** The orders service of a framework, with what it registers beside it. */
interface Expected {
  readonly mutations: readonly string[];
  readonly unresolved: readonly unknown[];
}

const folderOf = (id: string): string =>
  fileURLToPath(new URL(`../../fixtures/scan-${id}-orders`, import.meta.url));

const shown = ({ method, path, partial, handler }: Mutation): string =>
  `${method} ${path}${partial ? ' (partial)' : ''} -> ${handler?.name ?? '?'}`;

describe.each(frameworks)('$title', (framework) => {
  const root = folderOf(framework.id);
  const expected = JSON.parse(readFileSync(`${root}/expected.json`, 'utf8')) as Expected;
  const report = scanProject(root);

  it('finds what the orders service registers, and nothing else', () => {
    expect(report.mutations.map(shown)).toEqual(expected.mutations);
    expect(report.unresolved.map(({ file, line, reason }) => ({ file, line, reason }))).toEqual(
      expected.unresolved,
    );
  });

  it('is the only framework found there', () => {
    expect(report.frameworks).toEqual([framework.id]);
  });

  it('places every registration and every handler in a line of the service', () => {
    for (const { file, line, handler } of report.mutations) {
      const lines = readFileSync(`${root}/${file}`, 'utf8').split('\n');
      expect(lines[line - 1]?.trim()).toBeTruthy();
      if (handler === undefined) continue;
      const handlerLines = readFileSync(`${root}/${handler.file}`, 'utf8').split('\n');
      expect(handlerLines[handler.line - 1]?.trim()).toBeTruthy();
    }
  });

  it('infers a payload from what handlers send', () => {
    expect(report.mutations.some(({ payloadSource }) => payloadSource === 'response')).toBe(true);
  });
});

describe('frameworks', () => {
  it('have ids and packages of their own', () => {
    const ids = frameworks.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const packages = frameworks.flatMap((framework) => framework.packages);
    expect(new Set(packages).size).toBe(packages.length);
  });

  it('are asked in a fixed order', () => {
    const order = [
      'nestjs',
      'routing-controllers',
      'inversify',
      'tsoa',
      'ts-rest',
      'next',
      'sveltekit',
      'remix',
      'adonis',
      'fastify',
      'hono',
      'elysia',
      'koa',
      'hapi',
      'express',
    ];
    expect(frameworks.map(({ id }) => id)).toEqual(order);
  });

  it.each([
    { imports: "import type {} from 'hono';", depends: 'fastify', expected: 'hono' },
    { imports: '', depends: 'fastify', expected: 'fastify' },
    { imports: '', depends: 'left-pad', expected: 'express' },
  ])('take a nameless router for $expected', ({ imports, depends, expected }) => {
    const root = mkdtempSync(join(tmpdir(), 'evtgen-frameworks-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    writeFileSync(join(root, 'package.json'), JSON.stringify({ dependencies: { [depends]: '1.0.0' } }));
    writeFileSync(join(root, 'sign.js'), "import express from 'express';\n");
    writeFileSync(
      join(root, 'part.js'),
      `${imports}\nexport const part = (app) => app.post('/orders', () => 1);\n`,
    );
    expect(scanProject(root).mutations).toMatchObject([
      { framework: expected, path: '/orders', partial: true },
    ]);
  });
});
