import type { Program } from '../../codemod/program.ts';
import { nodesIn } from '../../codemod/syntax.ts';
import { ts } from '../../scan/project.ts';
import { RULES, type Hazard } from './hazard.ts';

/** `// evtgen-ignore-next-line not_awaited: the cache may miss it` */
interface IgnoreComment {
  readonly file: string;
  readonly line: number;
  /** The line that it speaks of: the next one that is no such comment. */
  readonly target: number;
  readonly rule: string;
  readonly reason: string;
}

const DIRECTIVE = 'evtgen-ignore-next-line';
const COMMENT = new RegExp(
  String.raw`(?://|/\*)\s*${DIRECTIVE}(?:\s+([^\s:]+))?(?:\s*:\s*(.*?))?\s*(?:\*/.*)?$`,
);

/** Hazards without those that a comment above them gives a reason for, and the comments that silence nothing. */
export function withoutIgnored(
  program: Program,
  sources: readonly ts.SourceFile[],
  hazards: readonly Hazard[],
): Hazard[] {
  const comments = sources.flatMap((source) => commentsIn(source, program.place(source).file));
  const silences = ({ file, target, rule, reason }: IgnoreComment, hazard: Hazard): boolean =>
    reason !== '' && hazard.file === file && hazard.line === target && hazard.rule === rule;
  const left = hazards.filter((hazard) => !comments.some((comment) => silences(comment, hazard)));
  const idle = comments.filter((comment) => !hazards.some((hazard) => silences(comment, hazard)));
  return [...left, ...idle.map(useless)];
}

function useless({ file, line, rule, reason }: IgnoreComment): Hazard {
  const isRule = RULES.some((known) => known === rule);
  const message = !isRule
    ? `the comment ignores ${rule === '' ? 'no rule' : `"${rule}", which is no rule that can be ignored`}`
    : reason === ''
      ? `the comment ignores ${rule} and does not say why`
      : `the comment ignores ${rule} on the next line, where there is none`;
  const fix =
    isRule && reason !== ''
      ? 'take the comment away'
      : `write "${DIRECTIVE} RULE: reason" with one of ${RULES.join(', ')}`;
  return { rule: 'unused_ignore', message, file, line, fix };
}

function commentsIn(source: ts.SourceFile, file: string): IgnoreComment[] {
  if (!source.text.includes(DIRECTIVE)) return [];
  const starts = source.getLineStarts();
  const lines = source.text.split(/\r?\n/);
  const found = lines.flatMap((text, index) => {
    const match = COMMENT.exec(text);
    const isComment = match !== null && !isInText(source, (starts[index] ?? 0) + match.index);
    const [, rule = '', reason = ''] = match ?? [];
    return isComment ? [{ index, rule, reason }] : [];
  });
  const own = new Set(found.map(({ index }) => index));
  return found.map(({ index, rule, reason }) => {
    let target = index + 1;
    while (own.has(target)) target += 1;
    return { file, line: index + 1, target: target + 1, rule, reason };
  });
}

/** Within a string or a template there are no comments. */
function isInText(source: ts.SourceFile, position: number): boolean {
  return [...nodesIn(source, false)].some(
    (node) =>
      (ts.isStringLiteralLike(node) ||
        ts.isTemplateLiteralToken(node) ||
        ts.isRegularExpressionLiteral(node)) &&
      node.getStart(source) < position &&
      position < node.end,
  );
}
