import type { ts } from '../scan/project.ts';
import { callsIn, readQuery, type FunctionWithBody, type Program } from './program.ts';
import { isTableOf, type SqlWrite } from './sql.ts';

export interface Write {
  readonly call: ts.CallExpression;
  readonly client: string;
  readonly sql: SqlWrite;
}

export function writesIn(program: Program, root: ts.Node): Write[] {
  return callsIn(root, false).flatMap((call) => {
    const query = readQuery(program.checker, call);
    return query?.sql.kind === 'write' ? [{ call, client: query.client, sql: query.sql }] : [];
  });
}

/** Whether a call may write on a client: it runs a write, or hands the client on. */
export function mayWrite(program: Program, call: ts.CallExpression, client: string): boolean {
  const isHandedOn = call.arguments.some((argument) => argument.getText() === client);
  return isHandedOn || readQuery(program.checker, call)?.sql.kind === 'write';
}

/**
 * The write of the resource that a handler makes, as far as can be seen, on another client than that of its
 * transaction; null if there is none, or the transaction writes the resource too.
 */
export function strayWrite(
  program: Program,
  reached: readonly FunctionWithBody[],
  transaction: { readonly body: FunctionWithBody; readonly client: string },
  resource: string,
): Write | null {
  const inside = new Set(
    writesOn(program, transaction.body, transaction.client, new Set()).map(({ call }) => call),
  );
  const ofResource = reached
    .flatMap((target) => writesIn(program, target))
    .filter(({ sql }) => isTableOf(sql.table, resource));
  return ofResource.some(({ call }) => inside.has(call)) ? null : (ofResource[0] ?? null);
}

function writesOn(program: Program, body: ts.Node, client: string, seen: Set<ts.Node>): Write[] {
  if (seen.has(body)) return [];
  seen.add(body);
  const own = writesIn(program, body).filter((write) => write.client === client);
  const handedOn = callsIn(body, false).flatMap((call) => {
    const index = call.arguments.findIndex((argument) => argument.getText() === client);
    const callee = index === -1 ? null : program.callee(call);
    const name = callee?.parameters[index]?.name.getText();
    return callee === null || name === undefined ? [] : writesOn(program, callee, name, seen);
  });
  return [...own, ...handedOn];
}
