import { ts } from '../scan/project.ts';
import { importConnection } from './connection-import.ts';
import type { Wrapping } from './orms/orm.ts';
import type { Program } from './program.ts';
import type { FunctionWithBody } from './syntax.ts';

/** How the connection of a function is reached where it is called. */
export function openerAt(
  program: Program,
  writer: FunctionWithBody,
  handle: ts.Expression,
  call: ts.CallExpression,
  ending: string,
): { readonly text: string; readonly imports: Wrapping['imports'] } | null {
  const root = rootOf(handle);
  const text = handle.getText();
  if (root === null) return null;
  if (root.kind === ts.SyntaxKind.ThisKeyword) {
    const owner = ts.findAncestor(call, ts.isClassLike);
    if (owner === undefined || !ts.isPropertyAccessExpression(handle)) return null;
    if (ts.findAncestor(writer, ts.isClassLike) === owner) return { text, imports: [] };
    const type = typeOfMember(handle);
    const member = owner.members
      .filter(ts.isConstructorDeclaration)
      .flatMap(({ parameters }) => [...parameters])
      .find(
        (one) => type !== null && one.type?.getText() === type && (ts.getModifiers(one) ?? []).length > 0,
      );
    return member === undefined ? null : { text: `this.${member.name.getText()}`, imports: [] };
  }
  const imported = importConnection(program, root, call, ending);
  return imported === null ? null : { text, imports: imported };
}

export function rootOf(node: ts.Expression): ts.Identifier | ts.Expression | null {
  if (ts.isPropertyAccessExpression(node)) return rootOf(node.expression);
  return ts.isIdentifier(node) || node.kind === ts.SyntaxKind.ThisKeyword ? node : null;
}

/** The type that a class gives a member of its own: `PrismaService` of `private readonly prisma: PrismaService`. */
export function typeOfMember(handle: ts.Expression): string | null {
  const owner = ts.findAncestor(handle, ts.isClassLike);
  const name = ts.isPropertyAccessExpression(handle) ? handle.name.text : '';
  if (owner === undefined) return null;
  const parameters = owner.members.filter(ts.isConstructorDeclaration).flatMap((one) => [...one.parameters]);
  const declared = [...parameters, ...owner.members.filter(ts.isPropertyDeclaration)];
  return declared.find((one) => one.name.getText() === name)?.type?.getText() ?? null;
}
