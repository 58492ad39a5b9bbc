import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';

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

const TIMEOUT_MS = 120_000;

// https://prettier.io/docs/api
const PRETTIER_SCRIPT = `
let prettier;
try { prettier = require(require.resolve('prettier', { paths: [process.cwd()] })); } catch { process.exit(3); }
const { files, ignorePaths } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
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
      timeout: TIMEOUT_MS,
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
    eachByStdin(folder, files, 'biome', (_, path) => ['format', `--stdin-file-path=${path}`]),
};

// https://oxc.rs/docs/guide/usage/formatter
const oxfmt: FormatterBinding = {
  id: 'oxfmt',
  package: 'oxfmt',
  configFile: /^(?:\.oxfmtrc\.jsonc?|oxfmt\.config\.[cm]?[jt]s)$/,
  command: /\boxfmt\b/,
  format: (folder, files) => eachByStdin(folder, files, 'oxfmt', (_, path) => [`--stdin-filepath=${path}`]),
};

// https://dprint.dev/cli/#formatting-standard-input
const dprint: FormatterBinding = {
  id: 'dprint',
  package: 'dprint',
  configFile: /^\.?dprint\.jsonc?$/,
  command: /\bdprint\b/,
  format: (folder, files) =>
    eachByStdin(folder, files, 'dprint', (path, relativePath) => [
      'fmt',
      '--stdin',
      // Exclusions are heeded for absolute paths alone, and such must exist.
      existsSync(path) ? path : relativePath,
    ]),
};

export const formatters = [prettier, biome, oxfmt, dprint] as const;

/** One process a file, as many at a time as there are processors. */
async function eachByStdin(
  folder: string,
  files: readonly FileText[],
  command: string,
  args: (path: string, relativePath: string) => string[],
): Promise<Formatted[] | undefined> {
  const { execa } = await import('execa');
  const results: Formatted[] = [];
  let isInstalled = true;
  const queue = files.entries();
  const work = async (): Promise<void> => {
    for (const [index, { path, text }] of queue) {
      if (!isInstalled) return;
      const { exitCode, stdout, stderr, code } = await execa(
        command,
        args(path, relative(folder, path).replaceAll('\\', '/')),
        {
          cwd: folder,
          input: text,
          reject: false,
          stripFinalNewline: false,
          timeout: TIMEOUT_MS,
          preferLocal: true,
          localDir: folder,
        },
      );
      if (code === 'ENOENT') isInstalled = false;
      // A formatter may call it an error that it is configured to leave the file alone, and gives it back.
      const isFine = exitCode === 0 || stdout === text;
      results[index] = isFine ? { text: stdout } : { failure: firstLine(stderr) };
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return isInstalled ? results : undefined;
}

/** From the folder up to the top of the repository, nearest first. */
function ignoreFiles(folder: string): string[] {
  const found: string[] = [];
  for (let current = folder; ; current = dirname(current)) {
    found.push(join(current, '.prettierignore'), join(current, '.gitignore'));
    if (existsSync(join(current, '.git')) || dirname(current) === current) return found;
  }
}

function firstLine(text: string): string {
  return (
    text
      .split('\n')
      .find((line) => /\w/.test(line))
      ?.trim() ?? 'it gave no reason'
  );
}
