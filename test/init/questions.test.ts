import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderWith } from '../helpers/write-files.ts';
import { CTRL_C, DOWN, ENTER } from '../helpers/keyboard.ts';
import { configOf, configText, init, packageOn } from './project.ts';

const bare = { 'package.json': packageOn('ioredis'), 'src/app.js': '' };

describe('init at a terminal', () => {
  it('asks what it cannot find, and prints the command that does the same without questions', async () => {
    const root = folderWith(bare);
    const { stderr } = await init(root, {
      answers: [
        [/Which one does this API run on\?/, `${DOWN}${DOWN}${DOWN}${DOWN}${ENTER}`],
        [/What is PostgreSQL reached with\?/, `${DOWN}${ENTER}`],
        [/Which broker do events go to, if any\? \(ioredis found\)/, `${DOWN}${ENTER}`],
      ],
    });
    expect(configOf(root)).toEqual({ framework: 'koa', store: 'drizzle', broker: 'redis-streams' });
    expect(stderr).toContain(
      'to do the same without questions: evtgen init --framework koa --store drizzle --broker redis-streams',
    );

    const other = folderWith(bare);
    await init(other, { said: { framework: 'koa', store: 'drizzle', broker: 'redis-streams' } });
    expect(configText(other)).toBe(configText(root));
  });

  it('keeps the answer that there is no broker, and does not ask again', async () => {
    const root = folderWith({ 'package.json': packageOn('express', 'pg', 'ioredis') });
    await init(root, { answers: [[/Which broker/, ENTER]] });
    expect(configOf(root)).toEqual({ broker: null });
    const { stdout, stderr } = await init(root, { answers: [] });
    expect(stdout).toContain('evtgen.config.json has all that it needs');
    expect(stderr).not.toContain('to do the same');
  });

  it('asks nothing that a flag says, nor for a project that tells all', async () => {
    const root = folderWith({ 'package.json': packageOn('express', 'pg', 'ioredis') });
    await init(root, { answers: [], said: { broker: 'redis-pub-sub' } });
    expect(configOf(root)).toEqual({ broker: 'redis-pub-sub' });
  });

  it('asks nothing with --json', async () => {
    const root = folderWith({ 'package.json': packageOn('express', 'pg', 'ioredis') });
    const { warnings } = (await init(root, { answers: [], json: true })).json();
    expect(warnings).toContainEqual(expect.stringContaining('none is taken; --broker names one'));
  });

  it('writes nothing on Ctrl-C', async () => {
    const root = folderWith(bare);
    await expect(init(root, { answers: [[/run on\?/, CTRL_C]] })).rejects.toMatchObject({
      name: 'ExitPromptError',
    });
    expect(existsSync(join(root, 'evtgen.config.json'))).toBe(false);
  });

  it('asks which package of a monorepo is meant', async () => {
    const root = folderWith(monorepo);
    const { stdout, stderr } = await init(root, { answers: [[/Which package/, `${DOWN}${ENTER}`]] });
    expect(configOf(join(root, 'apps/orders'))).toEqual({ broker: 'kafka' });
    expect(stdout).toMatch(/next: evtgen scan apps\/orders$/);
    expect(stderr).toContain('to do the same without questions: evtgen init apps/orders');
  });
});

const monorepo = {
  'package.json': { private: true, workspaces: ['apps/*', 'packages/*'], devDependencies: { express: '*' } },
  'apps/carts/package.json': packageOn('hono', 'pg'),
  'apps/carts/src/app.ts': `import { Hono } from 'hono';\nexport const app = new Hono().post('/carts', (c) => c.json({}));\n`,
  'apps/orders/package.json': packageOn('express', 'pg', 'kafkajs'),
  'apps/orders/src/app.ts': `import express from 'express';\nconst app = express();\napp.post('/orders', create);\napp.put('/orders/:id', change);\n`,
  'apps/broken/package.json': '{',
  'packages/money/package.json': { name: 'money', devDependencies: { express: '*' } },
};

describe('init where nobody can be asked', () => {
  it('takes what is usual, and says so', async () => {
    const root = folderWith({ 'package.json': packageOn('express', 'ioredis') });
    const { stderr } = await init(root);
    expect(stderr).toContain('no client of PostgreSQL among the dependencies: "pg" is taken');
    expect(stderr).toContain('events could go to redis-streams or redis-pub-sub: none is taken');
    expect(existsSync(join(root, 'evtgen.config.json'))).toBe(false);
  });

  it('refuses where nothing is usual, naming the flag', async () => {
    await expect(init(folderWith(bare))).rejects.toMatchObject({
      code: 'unsupported_framework',
      exitCode: 2,
      hint: expect.stringContaining('--framework'),
    });
  });

  it('refuses the root of a monorepo, with the command for each package that has mutations', async () => {
    await expect(init(folderWith(monorepo))).rejects.toMatchObject({
      code: 'monorepo_root',
      exitCode: 2,
      hint: `these packages look like APIs:
  evtgen init apps/carts   (1 mutation, hono)
  evtgen init apps/orders  (2 mutations, express)`,
    });
  });

  it('names packages by their framework where none has mutations yet', async () => {
    const { 'apps/carts/src/app.ts': _carts, 'apps/orders/src/app.ts': _orders, ...empty } = monorepo;
    await expect(init(folderWith(empty))).rejects.toMatchObject({
      hint: expect.stringMatching(
        /evtgen init apps\/carts {3}\(Hono\)\n {2}evtgen init apps\/orders {2}\(Express\)$/,
      ),
    });
  });

  it('refuses a folder without a package, and one that is none', async () => {
    await expect(init(folderWith({}))).rejects.toMatchObject({ code: 'no_package_json', exitCode: 2 });
    await expect(init(folderWith({}), { dir: 'api' })).rejects.toMatchObject({ code: 'no_such_folder' });
  });
});
