import { join } from 'node:path';

/** What ESLint makes of the emitted code, by its settings in the project. */
export interface LintSettings {
  /**
   * The comment above `eslint-disable`, so that ESLint takes that without a word: some configurations allow no directive
   * for all rules, and many report one that a file would do without. Null where none is needed.
   */
  readonly comment: string | null;
  /** What a configuration in the folder of the code has to say where that is newer than what ESLint is told to read. */
  readonly folderConfig: object | null;
}

/** The project's own ESLint. */
export interface Linter {
  /**
   * @param path relative to the project, of a file that begins with the two comments.
   * @param outside relative to the project, of one that no configuration in the folder of the code is for.
   * @returns undefined where ESLint cannot be asked.
   */
  settingsFor(path: string, outside: string): Promise<LintSettings | undefined>;
  /**
   * Fixes what can be fixed in files that are the team's own from now on; rules that still find something are switched
   * off in the second line, by name, for the team to decide.
   * @param files with paths relative to the project.
   */
  fix(files: readonly FileText[]): Promise<string[]>;
}

/** A text as the file of that path. */
interface FileText {
  readonly path: string;
  readonly text: string;
}

interface Question {
  readonly probe?: string;
  readonly outside?: string;
  readonly files: readonly FileText[];
}

interface Answer {
  /** Null where the file is not linted. */
  readonly settings: { readonly rules: readonly string[]; readonly reportsUnused: boolean } | null;
  readonly folderConfig: object | null;
  readonly fixed: readonly { readonly text: string; readonly left: readonly string[] }[];
}

const TIMEOUT_MS = 60_000;
/** Rules of plugins about imports of files, which are not there yet. */
const ABOUT_FILES =
  /^(?:import(?:-x)?|n|node)\/(?:no-unresolved|extensions|named|default|namespace|no-missing-\w+)$/;
/** Rules of plugins that find fault with a directive for all rules and the whole file. */
const AGAINST = /\/(?:no-unlimited-disable|no-abusive-eslint-disable|disable-enable-pair)$/;

// https://eslint.org/docs/latest/integrate/nodejs-api
const SCRIPT = `
const { files, probe, outside } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
const api = require(require.resolve('eslint', { paths: [process.cwd()] }));
// Something of each year up to the one that the emitted code is written in.
const modern = 'class A { #b = 1_000; static c = {}; d() { return (A.c ??= A?.c) ?? this.#b; } }\\n';
const newer = { parserOptions: { ecmaVersion: 2022 } };
(async () => {
  const ESLint = api.loadESLint ? await api.loadESLint({ cwd: process.cwd() }) : api.ESLint;
  const make = (options) => new ESLint({ cwd: process.cwd(), fix: true, ...options });
  const eslint = make();
  const isOn = (level) => ![0, 'off', false, undefined].includes(Array.isArray(level) ? level[0] : level);
  const lint = async (by, path, text) =>
    (await by.isPathIgnored(path)) ? undefined : (await by.lintText(text, { filePath: path }))[0];
  const isRead = (result) => (result?.messages ?? []).every(({ fatal }) => !fatal);
  const settingsOf = async (path) => {
    const config = !(await eslint.isPathIgnored(path)) && (await eslint.calculateConfigForFile(path));
    return config
      ? {
          rules: Object.keys(config.rules ?? {}).filter((name) => isOn(config.rules[name])),
          reportsUnused: isOn((config.linterOptions ?? config).reportUnusedDisableDirectives),
        }
      : null;
  };
  // Settings of a folder are for the older of the two kinds of configurations alone.
  const isByFolder = ESLint.configType !== 'flat';
  let folderConfig = null;
  if (outside && isByFolder && !isRead(await lint(eslint, outside, modern))) {
    const isEnough = isRead(await lint(make({ overrideConfig: newer }), outside, modern));
    folderConfig = isEnough ? newer : { ignorePatterns: ['*'] };
  }
  const fixed = [];
  for (const { path, text } of files) {
    const first = await lint(eslint, path, text);
    const isHelped = isByFolder && !isRead(first);
    const result = isHelped ? await lint(make({ overrideConfig: newer }), path, text) : first;
    // Rules that need types cannot parse a file that is not there yet.
    const left = isRead(result) ? (result?.messages ?? []).map(({ ruleId }) => ruleId) : [];
    const known = left.filter((id) => id !== null);
    fixed.push({ text: (isRead(result) && result?.output) || text, left: [...new Set(known)].sort() });
  }
  const settings = probe ? await settingsOf(probe) : null;
  process.stdout.write('\\n' + JSON.stringify({ settings, folderConfig, fixed }));
})();
`;

/** @returns undefined where the project does not depend on ESLint. */
export function createLinter(
  root: string,
  dependencies: Pick<ReadonlySet<string>, 'has'>,
): Linter | undefined {
  if (!dependencies.has('eslint')) return undefined;
  return {
    async settingsFor(path, outside) {
      const answer = await ask(root, { probe: join(root, path), outside: join(root, outside), files: [] });
      if (answer === undefined) return undefined;
      const { settings, folderConfig } = answer;
      const isIgnored = settings === null || (folderConfig !== null && 'ignorePatterns' in folderConfig);
      return { comment: isIgnored ? null : commentFor(settings), folderConfig };
    },
    async fix(files) {
      if (files.length === 0) return [];
      const answer = await ask(root, {
        files: files.map(({ path, text }) => ({ path: join(root, path), text })),
      });
      return files.map(({ text }, index) => {
        const fixed = answer?.fixed[index];
        return fixed === undefined
          ? text
          : withRulesOff(
              fixed.text,
              fixed.left.filter((name) => !ABOUT_FILES.test(name)),
            );
      });
    },
  };
}

function commentFor({ rules, reportsUnused }: NonNullable<Answer['settings']>): string | null {
  const off = rules.filter((name) => AGAINST.test(name)).map((name) => `"${name}": 0`);
  // What this rule finds is what the directive is then used for: a file always has more than three lines.
  const parts = [...off, ...(reportsUnused ? ['"max-lines": [1, 3]'] : [])];
  return parts.length === 0 ? null : `/* eslint ${parts.join(', ')} -- for the next line */`;
}

/** Undefined where ESLint is not installed or its configuration fails: then nobody lints. */
async function ask(root: string, question: Question): Promise<Answer | undefined> {
  const { execa } = await import('execa');
  const { exitCode, stdout } = await execa(process.execPath, ['-e', SCRIPT], {
    cwd: root,
    input: JSON.stringify(question),
    reject: false,
    timeout: TIMEOUT_MS,
  });
  // A configuration that is code may print before.
  return exitCode === 0 ? (JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1)) as Answer) : undefined;
}

function withRulesOff(text: string, rules: readonly string[]): string {
  if (rules.length === 0) return text;
  const off = rules.map((name) => `"${name}": 0`).join(', ');
  return text.replace(/(?<=^\/\/ evtgen .*\n)/, `/* eslint ${off} */\n`);
}
