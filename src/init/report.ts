import { CONFIG_FILE } from '../config/load.ts';
import { shellWord } from '../ui/shell-word.ts';
import type { Terminal } from '../ui/terminal.ts';
import type { Finding } from './findings.ts';

export interface InitReport {
  readonly root: string;
  /** The folder as it was said or chosen. */
  readonly dir: string;
  readonly found: readonly Finding[];
  readonly warnings: readonly string[];
  /** The text of the file, undefined where there is none. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly isDry: boolean;
  readonly hasSchema: boolean;
  /** What does the same without questions, where any were asked. */
  readonly command: string | undefined;
}

export function printInit(report: InitReport, isJson: boolean, terminal: Terminal): void {
  if (isJson) terminal.result(JSON.stringify(jsonReport(report), null, 2));
  else printText(report, terminal);
}

function jsonReport({ root, dir, found, warnings, before, after, isDry }: InitReport): object {
  return {
    schemaVersion: 1,
    root,
    found,
    warnings,
    file: CONFIG_FILE,
    change: changeOf(before, after),
    written: !isDry && before !== after,
    config: after === undefined ? {} : (JSON.parse(after) as unknown),
    next: nextCommand(dir),
  };
}

function printText(report: InitReport, terminal: Terminal): void {
  const { found, warnings, before, after, isDry, hasSchema, command, dir } = report;
  const widths = [
    Math.max(...found.map(({ what }) => what.length)),
    Math.max(...found.map((finding) => valueOf(finding).length)),
  ];
  for (const finding of found) {
    const { what, from } = finding;
    const cells = [what.padEnd(widths[0] ?? 0), valueOf(finding).padEnd(widths[1] ?? 0), from ?? ''];
    terminal.result(cells.join('  ').trimEnd());
  }
  terminal.result('');
  const change = changeOf(before, after);
  if (after === undefined) {
    terminal.result(`${CONFIG_FILE} is not needed: generate finds all of this by itself`);
  } else if (change === 'keep') {
    terminal.result(`${CONFIG_FILE} has all that it needs:`);
  } else {
    const verb = { create: 'written', update: 'completed' }[change];
    terminal.result(`${CONFIG_FILE} ${isDry ? 'would be ' : ''}${verb}:`);
  }
  for (const line of (after ?? '').trimEnd().split('\n')) if (line !== '') terminal.result(`  ${line}`);
  for (const warning of warnings) terminal.note(`warning: ${warning}`);
  if (!hasSchema && after !== undefined) {
    terminal.note(
      `for completion in your editor, install evtgen as a development dependency and run this again: it adds "$schema"`,
    );
  }
  if (command !== undefined) terminal.note(`to do the same without questions: ${command}`);
  terminal.result(`next: ${nextCommand(dir)}`);
}

function valueOf({ value, what }: Finding): string {
  return value ?? (what === 'database' || what === 'modules' ? 'unknown' : 'none');
}

function changeOf(before: string | undefined, after: string | undefined): 'create' | 'update' | 'keep' {
  if (before === after) return 'keep';
  return before === undefined ? 'create' : 'update';
}

function nextCommand(dir: string): string {
  return dir === '.' ? 'evtgen scan' : `evtgen scan ${shellWord(dir)}`;
}
