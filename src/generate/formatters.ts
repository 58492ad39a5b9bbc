import { join } from 'node:path';
import { foldersUpwards } from '../scan/workspace.ts';
import { FORMAT_TIMEOUT_MS, firstLine, formatCopies } from './format-copies.ts';

/** A text as the file of that path. */
export interface FileText {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/** What a formatter made of one text; `text` is as it came where the formatter leaves the file alone. */
export type Formatted = { readonly text: string } | { readonly failure: string };

/** A code formatter that a project may use. */
export interface FormatterBinding {
  readonly id: string;
  /** Its npm package. */
  readonly package: string;
  /** Names of its configuration files. */
  readonly configFile: RegExp;
  /** How a script of package.json calls it. */
  readonly command: RegExp;
  /**
   * Formats texts as if they were the files, which need not exist and are not touched.
   * @param folder where the project keeps the formatter; the formatter runs there.
   * @returns undefined when the formatter is not installed.
   */
  format(folder: string, files: readonly FileText[]): Promise<Formatted[] | undefined>;
}

// https://prettier.io/docs/api
const PRETTIER_SCRIPT = `
// First: Prettier 2 touches standard input, which then gives up where nothing is there yet.
const { files, ignorePaths } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
let prettier;
try { prettier = require(require.resolve('prettier', { paths: [process.cwd()] })); } catch { process.exit(3); }
const ignorePath = Number.parseInt(prettier.version, 10) < 3 ? ignorePaths[0] : ignorePaths;
(async () => {
  const results = [];
  for (const { path, text } of files) {
    try {
      const info = await prettier.getFileInfo(path, { ignorePath, resolveConfig: true });
      const options = await prettier.resolveConfig(path, { editorconfig: true });
      const isLeft = info.ignored || info.inferredParser === null;
      results.push({ text: isLeft ? text : await prettier.format(text, { ...options, filepath: path }) });
    } catch (error) {
      results.push({ failure: String(error.message).split('\\n')[0] });
    }
  }
  process.stdout.write('\\n' + JSON.stringify(results));
})();
`;

const prettier: FormatterBinding = {
  id: 'prettier',
  package: 'prettier',
  configFile: /^(?:\.prettierrc(?:\.(?:json5?|ya?ml|toml|[cm]?[jt]s))?|prettier\.config\.[cm]?[jt]s)$/,
  command: /\bprettier\b/,
  // Its start takes most of a second, so that one process formats all files.
  async format(folder, files) {
    const { execa } = await import('execa');
    const { exitCode, stdout, stderr } = await execa(process.execPath, ['-e', PRETTIER_SCRIPT], {
      cwd: folder,
      input: JSON.stringify({ files, ignorePaths: ignoreFiles(folder) }),
      reject: false,
      timeout: FORMAT_TIMEOUT_MS,
    });
    if (exitCode === 3) return undefined;
    if (exitCode !== 0) return files.map(() => ({ failure: firstLine(stderr) }));
    // A configuration that is code may print before.
    return JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1)) as Formatted[];
  },
};

// https://biomejs.dev/reference/cli/#biome-format
const biome: FormatterBinding = {
  id: 'biome',
  package: '@biomejs/biome',
  configFile: /^\.?biome\.jsonc?$/,
  command: /\bbiome (?:format|check|ci)\b/,
  format: (folder, files) =>
    // It puts imports in order too, where it is to do that.
    formatCopies(folder, files, {
      program: 'biome',
      configFile: biome.configFile,
      arguments: (paths) => [
        'check',
        '--write',
        '--linter-enabled=false',
        '--no-errors-on-unmatched',
        '--files-ignore-unknown=true',
        '--colors=off',
        ...paths,
      ],
    }),
};

// https://oxc.rs/docs/guide/usage/formatter
const oxfmt: FormatterBinding = {
  id: 'oxfmt',
  package: 'oxfmt',
  configFile: /^(?:\.oxfmtrc\.jsonc?|oxfmt\.config\.[cm]?[jt]s)$/,
  command: /\boxfmt\b/,
  format: (folder, files) =>
    formatCopies(folder, files, {
      program: 'oxfmt',
      configFile: oxfmt.configFile,
      arguments: (paths) => ['--no-error-on-unmatched-pattern', ...paths],
    }),
};

// https://dprint.dev/cli/#formatting
const dprint: FormatterBinding = {
  id: 'dprint',
  package: 'dprint',
  configFile: /^\.?dprint\.jsonc?$/,
  command: /\bdprint\b/,
  format: (folder, files) =>
    formatCopies(folder, files, {
      program: 'dprint',
      configFile: dprint.configFile,
      arguments: (paths) => [
        'fmt',
        '--allow-no-files',
        // It takes paths for patterns and knows no way to escape: `[id]` is a folder's name in Next.js.
        ...paths.map((path) => path.replaceAll(/[[\]{}*!]/g, '?')),
      ],
    }),
};

export const formatters = [prettier, biome, oxfmt, dprint] as const;

/** Nearest first. */
function ignoreFiles(folder: string): string[] {
  return foldersUpwards(folder).flatMap((each) => [join(each, '.prettierignore'), join(each, '.gitignore')]);
}
