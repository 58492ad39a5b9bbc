import { createRequire } from 'node:module';
import { annotation } from '../ui/annotation.ts';
import { createPaint } from '../ui/paint.ts';
import { sarifLog } from '../ui/sarif.ts';
import type { Terminal } from '../ui/terminal.ts';
import { levelOf, type Finding } from './finding.ts';
import type { CheckReport } from './report.ts';

export type ReportFormat = 'human' | 'json' | 'github' | 'sarif';

export function print(report: CheckReport, format: ReportFormat, terminal: Terminal): void {
  switch (format) {
    case 'human':
      return printForPeople(report, terminal);
    case 'json':
      return terminal.result(jsonReport(report));
    case 'github':
      for (const finding of report.findings) terminal.result(annotationOf(finding));
      return;
    case 'sarif':
      return terminal.result(sarifReport(report.findings));
  }
}

function printForPeople(report: CheckReport, terminal: Terminal): void {
  const paint = createPaint(terminal);
  for (const finding of report.findings) {
    const { rule, message, file, line, fix } = finding;
    const colored = levelOf(finding) === 'warning' ? paint.yellow(rule) : paint.red(rule);
    terminal.result(`${paint.bold(placeOf(file, line))}  ${colored}`);
    terminal.result(`  ${message}`);
    terminal.result(`  ${paint.dim(fix)}`);
  }
  terminal.result(summaryOf(report));
  for (const folder of report.notGenerated) {
    terminal.note(
      `nothing was generated into ${folder} yet, so emit calls and generated files were not checked`,
    );
  }
  if (report.unresolved.length > 0) {
    terminal.note(
      `${count(report.unresolved.length, 'registration')} could not be followed: see "evtgen scan"`,
    );
  }
}

/** `25 mutations with an event: 23 wired, 2 not wired; 2 problems, 1 warning` */
function summaryOf({ mutations, findings }: CheckReport): string {
  const warnings = findings.filter((finding) => levelOf(finding) === 'warning').length;
  const errors = findings.length - warnings;
  const problems =
    (errors === 0 ? 'no problems' : count(errors, 'problem')) +
    (warnings === 0 ? '' : `, ${count(warnings, 'warning')}`);
  if (mutations.length === 0) return problems;
  const states = (['wired', 'elsewhere', 'not_wired', 'not_atomic', 'by_hand'] as const).flatMap((state) => {
    const number = mutations.filter((mutation) => mutation.state === state).length;
    return number === 0 ? [] : [`${number} ${STATE_WORDS[state]}`];
  });
  return `${count(mutations.length, 'mutation')} with an event: ${states.join(', ')}; ${problems}`;
}

const STATE_WORDS = {
  wired: 'wired',
  elsewhere: 'emitted elsewhere',
  not_wired: 'not wired',
  not_atomic: 'not wired since not atomic',
  by_hand: 'to be wired by hand',
} as const;

function jsonReport({ findings, isOk, ...rest }: CheckReport): string {
  const leveled = findings.map(({ rule, ...finding }) => ({ rule, level: levelOf({ rule }), ...finding }));
  return JSON.stringify({ schemaVersion: 1, ok: isOk, findings: leveled, ...rest }, undefined, 2);
}

function annotationOf(finding: Finding): string {
  const { rule, message, file, line, fix } = finding;
  const level = levelOf(finding);
  return annotation({ level, title: `evtgen: ${rule}`, message: `${message}\n${fix}`, file, line });
}

function sarifReport(findings: readonly Finding[]): string {
  const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
  return sarifLog(
    'evtgen check',
    version,
    findings.map(({ rule, message, file, line, fix }) => ({
      rule,
      level: levelOf({ rule }),
      message: `${message}. ${fix}`,
      file,
      line,
    })),
  );
}

function placeOf(file: string, line: number | undefined): string {
  return line === undefined ? file : `${file}:${line}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
