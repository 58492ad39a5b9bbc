import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vitest/config';
import type { Dialect } from '../src/generate/dialect.ts';
import type * as Emission from '../src/generate/emission.ts';
import base from './base.config.ts';

const root = resolve(import.meta.dirname, '..');
// From the build, and by a name that is made here: Vite would put the compiler, which is CommonJS, into this very file.
const emission = new URL('../dist/generate/emission.js', import.meta.url).href;
const { kernelFiles } = (await import(emission)) as typeof Emission;
const EMITTED = ['kernel', 'stores', 'brokers', 'transports', 'metrics', 'receivers', 'routes', 'validators'];
const DIALECTS: Readonly<Record<string, Dialect>> = {
  esm: { fileEnding: '.ts', specifierEnding: '.js', moduleFormat: 'esm', isStrict: true, missingLibs: [] },
  commonjs: {
    fileEnding: '.ts',
    specifierEnding: '',
    moduleFormat: 'cjs',
    isStrict: false,
    missingLibs: ['es2022'],
  },
};

/** The contract suites once more, on what `generate` writes: every kernel file and binding, in two dialects. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    projects: Object.entries(DIALECTS).map(([name, dialect]) => ({
      extends: true,
      plugins: [readCopies(emit(name, dialect))],
      test: {
        name,
        include: [`test/{${EMITTED.join(',')}}/**/*.test.ts`],
      },
    })),
  },
});

/** Writes the copies into a folder of their own and returns it. */
function emit(name: string, dialect: Dialect): string {
  const folder = mkdtempSync(join(tmpdir(), `evtgen-emitted-${name}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  // The lists of bindings are for evtgen itself.
  const entries = EMITTED.flatMap((part) =>
    readdirSync(join(root, 'src', part), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
      .map((file) => `${part}/${file}`),
  );
  for (const { path, content } of kernelFiles(entries, 'events', dialect, '0.0.0')) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return join(folder, 'events');
}

/** Resolves every import of an emitted module to its copy, for the tests and what they use alike. */
function readCopies(folder: string): Plugin {
  return {
    name: 'evtgen-emitted-copies',
    enforce: 'pre',
    resolveId(specifier, importer) {
      if (importer === undefined || specifier.startsWith('.') === false) return undefined;
      const path = relative(join(root, 'src'), resolve(dirname(importer), specifier));
      const copy = join(folder, path);
      return path.startsWith('..') === false && existsSync(copy) ? copy : undefined;
    },
  };
}
