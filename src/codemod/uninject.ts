import { ts } from '../scan/project.ts';
import { injectableAround, PROVIDER } from './inject.ts';
import { removal, type Splice } from './insert.ts';
import { nodesIn } from './syntax.ts';

/**
 * Takes the emitter away from the providers of a file that do nothing else with it than the calls that go: the parameter,
 * the constructor that only had that, and the import.
 */
export function uninject(source: ts.SourceFile, calls: readonly ts.CallExpression[]): Splice[] {
  const owners = [...new Set(calls.flatMap((call) => injectableAround(call) ?? []))];
  const parameters = owners.flatMap((owner) => {
    const own = calls.filter((call) => injectableAround(call) === owner);
    return idleParameter(owner, own.length) ?? [];
  });
  const mentions = [...nodesIn(source, false)].filter(
    (node) => ts.isIdentifier(node) && node.text === PROVIDER,
  );
  const imported = source.statements.find(
    (statement) =>
      ts.isImportDeclaration(statement) &&
      new RegExp(`^import\\s*\\{\\s*${PROVIDER}\\s*\\}`).test(statement.getText()),
  );
  // Once where it is imported, and once for each parameter.
  const isUnused = parameters.length > 0 && mentions.length === 1 + parameters.length;
  return [
    ...(imported !== undefined && isUnused ? [removal(imported)] : []),
    ...parameters.map((parameter) => withoutParameter(parameter)),
  ];
}

/** The parameter by which a class gets the emitter, if it uses it exactly so often. */
function idleParameter(owner: ts.ClassDeclaration, uses: number): ts.ParameterDeclaration | null {
  const constructor = owner.members.find(ts.isConstructorDeclaration);
  const parameter = constructor?.parameters.find(({ type }) => type?.getText() === PROVIDER);
  if (parameter === undefined) return null;
  const name = parameter.name.getText();
  const mentions = [...nodesIn(owner, false)].filter(
    (node) => ts.isIdentifier(node) && node.text === name && node !== parameter.name,
  );
  return mentions.length === uses ? parameter : null;
}

function withoutParameter(parameter: ts.ParameterDeclaration): Splice {
  const constructor = parameter.parent as ts.ConstructorDeclaration;
  const { parameters, body } = constructor;
  const index = parameters.indexOf(parameter);
  const [before, after] = [parameters[index - 1], parameters[index + 1]];
  if (before !== undefined) return between(before.end, parameter.end);
  if (after !== undefined) return between(parameter.getStart(), after.getStart());
  const isBare = body?.statements.length === 0 && !/\/[/*]/.test(body.getText());
  return isBare ? withoutMember(constructor) : between(parameter.getStart(), parameter.end);
}

/** With the white space that parts it from the next member, or from the one before where it is the last. */
function withoutMember(member: ts.ConstructorDeclaration): Splice {
  const { members } = member.parent;
  const index = members.indexOf(member);
  const before = members[index - 1];
  if (members[index + 1] === undefined && before !== undefined) return between(before.end, member.end);
  const { text } = member.getSourceFile();
  const space = /^\s*/.exec(text.slice(member.end))?.[0] ?? '';
  return between(member.getStart(), member.end + space.length);
}

function between(from: number, to: number): Splice {
  return { position: from, removed: to - from, text: '' };
}
