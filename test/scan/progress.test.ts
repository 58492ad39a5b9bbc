import { expect, it } from 'vitest';
import { createProgress } from '../../src/scan/progress.ts';
import { evtgen } from '../helpers/exec.ts';
import { scanIn } from '../helpers/scan-in.ts';
import { folderWith } from '../helpers/write-files.ts';

const shop = {
  'package.json': { dependencies: { express: '5' } },
  'orders.js': `const app = require('express')();\napp.post('/orders', (req, res) => res.json({ id: 1 }));\n`,
};

it('shows how many files are read, and takes it away in the end', async () => {
  const { progress } = await scanIn(folderWith(shop));
  expect(progress[0]).toBe('following routes: 1 of 1 files read …');
  expect(progress.at(-1)).toBeNull();
  await expect(scanIn(folderWith({}))).rejects.toThrow('there is no package.json');
});

it('is told again only after a while', () => {
  const shown: string[] = [];
  const tell = createProgress((text) => shown.push(text));
  for (let count = 0; count < 1000; count += 1) tell(`${count}`);
  expect(shown[0]).toBe('0');
  expect(shown.length).toBeLessThan(100);
});

it('shows none where stderr is no terminal', async () => {
  const { stderr } = await evtgen(['scan', folderWith(shop)]);
  expect(stderr).toMatch(/^next: evtgen scan [^\n]*\n$/);
});
