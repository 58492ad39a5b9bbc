import { join } from 'node:path';

/** The project's own ESLint. */
export interface Linter {
  /**
   * A comment above `eslint-disable`, so that ESLint takes that without a word: some configurations allow no directive
   * for all rules, and many report one that a file would do without.
   * @param path relative to the project, of a file that begins with the two comments.
   * @returns null where none is needed, undefined where ESLint cannot be asked.
   */
  commentFor(path: string): Promise<string | null | undefined>;
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
  readonly files: readonly FileText[];
}

interface Answer {
  /** Null where the file is not linted. */
  readonly settings: { readonly rules: readonly string[]; readonly reportsUnused: boolean } | null;
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
const { files, probe } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
const api = require(require.resolve('eslint', { paths: [process.cwd()] }));
(async () => {
  const ESLint = api.loadESLint ? await api.loadESLint({ cwd: process.cwd() }) : api.ESLint;
  const eslint = new ESLint({ cwd: process.cwd(), fix: true });
  const config = probe && !(await eslint.isPathIgnored(probe)) && (await eslint.calculateConfigForFile(probe));
  const isOn = (level) => ![0, 'off', false, undefined].includes(Array.isArray(level) ? level[0] : level);
  const settings = config
    ? {
        rules: Object.keys(config.rules ?? {}).filter((name) => isOn(config.rules[name])),
        reportsUnused: isOn((config.linterOptions ?? config).reportUnusedDisableDirectives),
      }
    : null;
  const fixed = [];
  for (const { path, text } of files) {
    const [result] = (await eslint.isPathIgnored(path)) ? [] : await eslint.lintText(text, { filePath: path });
    const messages = result?.messages ?? [];
    // Rules that need types cannot parse a file that is not there yet.
    const isRead = messages.every(({ fatal }) => !fatal);
    const left = isRead ? messages.map(({ ruleId }) => ruleId).filter((id) => id !== null) : [];
    fixed.push({ text: (isRead && result?.output) || text, left: [...new Set(left)].sort() });
  }
  process.stdout.write('\\n' + JSON.stringify({ settings, fixed }));
})();
`;

/** @returns undefined where the project does not depend on ESLint. */
export function createLinter(
  root: string,
  dependencies: Pick<ReadonlySet<string>, 'has'>,
): Linter | undefined {
  if (!dependencies.has('eslint')) return undefined;
  return {
    async commentFor(path) {
      const answer = await ask(root, { probe: join(root, path), files: [] });
      if (answer === undefined) return undefined;
      const { settings } = answer;
      if (settings === null) return null;
      const off = settings.rules.filter((name) => AGAINST.test(name)).map((name) => `"${name}": 0`);
      // What this rule finds is what the directive is then used for: a file always has more than three lines.
      const parts = [...off, ...(settings.reportsUnused ? ['"max-lines": [1, 3]'] : [])];
      return parts.length === 0 ? null : `/* eslint ${parts.join(', ')} -- for the next line */`;
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
