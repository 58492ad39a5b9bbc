import { execFile } from 'node:child_process';
import { readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repositoryRoot } from '../helpers/exec.ts';
import { folderWith } from '../helpers/write-files.ts';
import { projectAt } from './project.ts';

const app = `import express from 'express';

export const app = express();

app.post('/orders', (request, response) => {
  response.status(201).json({ id: request.params.id, total: 3 });
});
`;

/** ESLint reports directives that nothing needed unless told otherwise; the plugin allows none for all rules. */
const config = `import comments from '@eslint-community/eslint-plugin-eslint-comments/configs';

export default [
  comments.recommended,
  {
    languageOptions: { globals: { process: 'readonly', console: 'readonly' } },
    rules: { 'no-console': 'error', 'no-undef': 'error', 'dot-notation': 'error', 'object-shorthand': 'warn', 'padding-line-between-statements': ['error', { blankLine: 'always', prev: 'export', next: 'expression' }] },
  },
];
`;

function lint(cwd: string): Promise<string> {
  const command = join(repositoryRoot, 'node_modules/eslint/bin/eslint.js');
  const args = ['--max-warnings=0', '--format=json', 'src', 'tests'];
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...args], { cwd, maxBuffer: 1 << 26 }, (_, stdout) =>
      resolve(stdout),
    );
  });
}

test(
  'ESLint has nothing to say about what is written, nor about what keeps it from saying more',
  { timeout: 240_000 },
  async () => {
    const root = folderWith({
      'package.json': {
        type: 'module',
        dependencies: { express: '5', pg: '8' },
        devDependencies: { eslint: '10' },
      },
      'eslint.config.js': config,
      'src/app.js': app,
    });
    symlinkSync(join(repositoryRoot, 'node_modules'), join(root, 'node_modules'));
    const project = projectAt(root);
    project.scan();
    expect((await project.generate()).status).toBe(0);
    const results = JSON.parse(await lint(root)) as { filePath: string; messages: { message: string }[] }[];
    expect(results.length).toBeGreaterThan(50);
    expect(results.flatMap(({ filePath, messages }) => messages.map((each) => [filePath, each]))).toEqual([]);

    // What is the team's own is fixed; what no fix is for is named.
    const setup = readFileSync(join(root, 'src/events/setup.js'), 'utf8');
    expect(setup).toMatch(/^\/\/ evtgen .*\n\/\* eslint "no-console": 0 \*\/\n\nimport /);
    expect(setup).toContain('process.env.DATABASE_URL');

    // What is edited is fixed where nothing was to be fixed before.
    expect((await project.generate('wire', 'yes')).status).toBe(0);
    expect(readFileSync(join(root, 'src/app.js'), 'utf8')).toMatch(
      /express\(\);\n\napp\.use\(eventRoutes\);\n/,
    );

    // Whoever has no ESLint at hand gets the same.
    const files = project.files();
    rmSync(join(root, 'node_modules'));
    await project.generate();
    expect(project.files()).toEqual(files);
  },
);
