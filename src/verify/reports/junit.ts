import { codeOf, messageOf, stateOf, type Result } from '../result.ts';

/** A JUnit XML report: a test case for each message, as CI servers read it. */
export function junitReport(results: readonly Result[]): string {
  const count = (state: string): number => results.filter((result) => stateOf(result) === state).length;
  const cases = results.map((result) => {
    const open = `    <testcase classname="evtgen.verify-sig" name="${escaped(result.source)}"`;
    const state = stateOf(result);
    if (state === 'good') return `${open}/>`;
    const element = state === 'bad' ? 'failure' : 'error';
    const fix = 'error' in result ? '' : (result.fix ?? '');
    const [type, message] = [escaped(codeOf(result)), escaped(messageOf(result))];
    return `${open}>\n      <${element} type="${type}" message="${message}">${escaped(fix)}</${element}>\n    </testcase>`;
  });
  const counts = `tests="${results.length}" failures="${count('bad')}" errors="${count('not checked')}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="evtgen verify-sig" ${counts}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
  ].join('\n');
}

/** For attributes and text; what XML 1.0 cannot hold at all is replaced. */
function escaped(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
