// https://docs.nestjs.com/fundamentals/dependency-injection
import { ts } from '../scan/project.ts';
import { eolAt, indentBefore, insertImport, type Splice } from './insert.ts';
import { layoutOf } from './layout.ts';
import type { Place, Program } from './program.ts';
import { nodesIn } from './syntax.ts';
import { symbolAt } from './types.ts';

/** The provider that the emitted module exports. */
export const PROVIDER = 'Events';

export type Injection =
  | { readonly kind: 'injection'; readonly name: string; readonly splices: readonly Splice[] }
  | { readonly kind: 'refusal'; readonly reason: string };

/** The class whose constructor the container of NestJS calls; null outside of one. */
export function injectableAround(node: ts.Node): ts.ClassDeclaration | null {
  const owner = ts.findAncestor(node, ts.isClassDeclaration);
  return owner !== undefined && (ts.getDecorators(owner) ?? []).length > 0 ? owner : null;
}

/** Has the container hand the emitter to a class, as a private property. */
export function inject(
  program: Program,
  owner: ts.ClassDeclaration,
  node: ts.Node,
  specifier: string,
): Injection {
  if (!isThisOf(node, owner)) return refuse('`this` is not the provider there');
  const source = owner.getSourceFile();
  const constructor = owner.members.find(
    (member): member is ts.ConstructorDeclaration =>
      ts.isConstructorDeclaration(member) && member.body !== undefined,
  );
  const known = constructor?.parameters.find(({ type }) => type?.getText() === PROVIDER);
  if (known !== undefined) {
    const isProperty = ts.getModifiers(known)?.length;
    return isProperty
      ? { kind: 'injection', name: `this.${known.name.getText()}`, splices: [] }
      : refuse('the constructor does not keep its `Events`');
  }
  const property = freeMember(owner, constructor);
  if (property === null) return refuse('`events` is already another member of the class');
  if (isNamed(source, PROVIDER)) return refuse('`Events` is already another name in this file');
  const maker = makerOf(program, owner);
  if (maker !== null) {
    return refuse(`\`${owner.name?.text}\` is also made or extended at ${maker.file}:${maker.line}`);
  }
  const parameter = `private readonly ${property}: ${PROVIDER}`;
  const edit =
    constructor === undefined ? newConstructor(owner, parameter) : newParameter(constructor, parameter);
  if (edit === null) return refuse('the class gets its constructor from another');
  return {
    kind: 'injection',
    name: `this.${property}`,
    splices: [insertImport(source, PROVIDER, specifier), edit],
  };
}

function newParameter({ parameters, body }: ts.ConstructorDeclaration, parameter: string): Splice | null {
  const last = parameters.at(-1);
  if (last !== undefined) {
    const { text } = last.getSourceFile();
    const indent = indentBefore(text, last.getStart());
    const separator = indent === null ? ', ' : `,${eolAt(text, last.end)}${indent}`;
    return { position: last.end, text: separator + parameter };
  }
  if (body === undefined) return null;
  const { text } = body.getSourceFile();
  const open = text.lastIndexOf('(', body.getStart());
  return { position: open + 1, text: parameter };
}

/** Above the first method, below the fields. */
function newConstructor(owner: ts.ClassDeclaration, parameter: string): Splice | null {
  const isExtending = owner.heritageClauses?.some(({ token }) => token === ts.SyntaxKind.ExtendsKeyword);
  if (isExtending === true) return null;
  const { text } = owner.getSourceFile();
  const code = `constructor(${parameter}) {}`;
  const first = owner.members.find((member) => !ts.isPropertyDeclaration(member));
  const [member] = first === undefined ? [...owner.members].slice(-1) : [first];
  if (member === undefined) return null;
  const { eol, indent } = layoutOf(member);
  if (first === undefined) return { position: member.end, text: `${eol}${eol}${indent}${code}` };
  // The comments above it stay with it.
  const [comment] = ts.getLeadingCommentRanges(text, first.pos) ?? [];
  return { position: comment?.pos ?? first.getStart(), text: `${code}${eol}${eol}${indent}` };
}

function freeMember(
  owner: ts.ClassDeclaration,
  constructor: ts.ConstructorDeclaration | undefined,
): string | null {
  const members = owner.members.flatMap(({ name }) => name?.getText() ?? []);
  const parameters = constructor?.parameters.map(({ name }) => name.getText()) ?? [];
  const taken = new Set([...members, ...parameters]);
  return taken.has('events') ? null : 'events';
}

function isNamed(source: ts.SourceFile, name: string): boolean {
  if (!new RegExp(`\\b${name}\\b`).test(source.text)) return false;
  return [...nodesIn(source, false)].some((node) => ts.isIdentifier(node) && node.text === name);
}

/** Where the class is made by hand, or another extends it: there a new parameter would be missing. */
function makerOf(program: Program, owner: ts.ClassDeclaration): Place | null {
  const { sources, checker } = program;
  const name = owner.name?.text;
  if (name === undefined) return program.place(owner);
  const mention = new RegExp(`\\b(?:new|extends)\\s+${name}\\b`);
  for (const source of sources) {
    if (!mention.test(source.text)) continue;
    for (const node of nodesIn(source, false)) {
      const isMade = ts.isNewExpression(node) || ts.isExpressionWithTypeArguments(node);
      if (isMade && symbolAt(checker, node.expression)?.valueDeclaration === owner)
        return program.place(node);
    }
  }
  for (const { file, text } of program.tests()) {
    const made = mention.exec(text);
    if (made !== null) return { file, line: text.slice(0, made.index).split('\n').length };
  }
  return null;
}

/** Whether `this` at a node is an instance of a class. */
function isThisOf(node: ts.Node, owner: ts.ClassDeclaration): boolean {
  for (let current = node; current !== owner; current = current.parent) {
    if (ts.isFunctionDeclaration(current) || ts.isFunctionExpression(current)) return false;
    if (ts.isObjectLiteralExpression(current.parent) && ts.isMethodDeclaration(current)) return false;
    const isStatic =
      ts.isMethodDeclaration(current) &&
      current.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) === true;
    if (isStatic) return false;
  }
  return true;
}

function refuse(reason: string): Injection {
  return { kind: 'refusal', reason };
}
