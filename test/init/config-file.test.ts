import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evtgen, repositoryRoot } from '../helpers/exec.ts';
import { folderWith } from '../helpers/write-files.ts';
import { configOf, configText, init, packageOn } from './project.ts';

const project = { 'package.json': packageOn('express', 'pg', 'kafkajs') };
const installed = { 'node_modules/evtgen/config.schema.json': {} };

describe('an evtgen.config.json that is there', () => {
  it('gets what is missing, and keeps every other byte', async () => {
    const text = '{\r\n\t"scan": { "exclude": ["legacy"] },\r\n\t"output": "lib/events"\r\n}\r\n';
    const root = folderWith({ ...project, ...installed, 'evtgen.config.json': text });
    const { stdout } = await init(root);
    expect(stdout).toContain('evtgen.config.json completed:');
    expect(configText(root)).toBe(
      '{\r\n\t"$schema": "./node_modules/evtgen/config.schema.json",' +
        '\r\n\t"scan": { "exclude": ["legacy"] },\r\n\t"output": "lib/events",\r\n\t"broker": "kafka"\r\n}\r\n',
    );
  });

  it('is the same after a second run', async () => {
    const root = folderWith({ ...project, ...installed });
    await init(root, { said: { store: 'knex' } });
    const first = configText(root);
    expect((await init(root, { json: true })).json()).toMatchObject({ change: 'keep', written: false });
    await init(root, { said: { store: 'knex' } });
    expect(configText(root)).toBe(first);
  });

  it.each(['{}', '{ "scan": {} }', '{\n  "broker": null\n}\n', '{"inbox":true}'])(
    'stays JSON: %s',
    async (text) => {
      const root = folderWith({ ...project, ...installed, 'evtgen.config.json': text });
      await init(root, { said: { metrics: 'prometheus' } });
      expect(configOf(root)).toEqual({
        $schema: './node_modules/evtgen/config.schema.json',
        broker: 'kafka',
        ...(JSON.parse(text) as object),
        metrics: 'prometheus',
      });
    },
  );

  it('is not contradicted by a flag but with --force, which replaces that alone', async () => {
    const text = '{\n    "framework": "koa",\n    "inbox": true\n}\n';
    const root = folderWith({ ...project, 'evtgen.config.json': text });
    await expect(init(root, { said: { framework: 'hono' } })).rejects.toMatchObject({
      code: 'already_configured',
      message: 'evtgen.config.json has "framework": "koa", not "hono"',
      exitCode: 2,
    });
    expect(configText(root)).toBe(text);
    await init(root, { said: { framework: 'hono' }, force: true });
    expect(configText(root)).toBe(
      '{\n    "framework": "hono",\n    "inbox": true,\n    "broker": "kafka"\n}\n',
    );
  });

  it('is written as the formatter of the project would have it', async () => {
    const root = folderWith({ ...project, '.prettierrc': { tabWidth: 8 } });
    mkdirSync(join(root, 'node_modules'));
    symlinkSync(join(repositoryRoot, 'node_modules/prettier'), join(root, 'node_modules/prettier'));
    await init(root);
    expect(configText(root)).toBe('{\n        "broker": "kafka"\n}\n');
    const unformatted = folderWith({ ...project, '.prettierrc': { tabWidth: 8 } });
    expect((await init(unformatted)).stderr).toContain('warning: prettier is not installed');
    expect(configOf(unformatted)).toEqual({ broker: 'kafka' });
  });

  it('is left alone by --dry-run', async () => {
    const root = folderWith({ ...project, 'evtgen.config.json': '{}' });
    expect((await init(root, { isDry: true })).stdout).toContain('evtgen.config.json would be completed:');
    expect(configText(root)).toBe('{}');
  });

  it('is refused when it is broken', async () => {
    const root = folderWith({ ...project, 'evtgen.config.json': '{"frame":1}' });
    await expect(init(root)).rejects.toMatchObject({ code: 'invalid_file', exitCode: 2 });
  });
});

describe('evtgen init', () => {
  it('writes nothing with --dry-run, and prints one document with --json', async () => {
    const root = folderWith(project);
    const { stdout, status } = await evtgen(['init', '--dry-run', '--json', '--metrics', 'none'], {
      cwd: root,
    });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      file: 'evtgen.config.json',
      change: 'create',
      written: false,
      config: { broker: 'kafka', metrics: null },
      next: 'evtgen scan',
    });
    expect(existsSync(join(root, 'evtgen.config.json'))).toBe(false);
  });

  it.each([
    [['--framework', 'rails'], /'rails' is invalid\. Allowed choices are nest, /],
    [['--output', '../up'], /output: expected a relative path inside the project/],
    [['nowhere'], /nowhere is no folder/],
  ])('exits 2 on %j', async (args, reason) => {
    const root = folderWith(project);
    const { stdout, stderr, status } = await evtgen(['init', ...args], { cwd: root });
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toMatch(reason);
  });

  it('writes a config that generate reads', async () => {
    const root = folderWith({ ...project, 'tsconfig.json': {} });
    expect(await evtgen(['init', '--broker', 'none'], { cwd: root })).toMatchObject({ status: 0 });
    expect(configOf(root)).toEqual({ broker: null });
    writeFileSync(join(root, 'package.json'), JSON.stringify(packageOn('pg')));
    expect((await evtgen(['generate'], { cwd: root })).stderr).toMatch(/names no framework/);
  });
});
