import { ts } from '../scan/project.ts';
import { insertAfter, insertImport, styleOf, type Insertion } from './insert.ts';

/** The router that the emitted route file exports. */
const ROUTER = 'eventRoutes';

export interface Mount {
  /** The statement after which the router belongs begins or ends on this line, counted from 1. */
  readonly line: number;
  /** The variable that holds the application. */
  readonly app: string;
  readonly method: 'use' | 'register';
  /** How the file imports the emitted route file. */
  readonly specifier: string;
}

/**
 * Mounts the emitted router: an import, and `app.use(eventRoutes)` or its like on a line of its own.
 * @param text of the file, without byte order mark.
 * @returns undefined when no statement of that line is known.
 */
export function mountRouter(fileName: string, text: string, mount: Mount): Insertion[] | undefined {
  const source = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true);
  const statement = statementAt(source, mount.line);
  if (statement === undefined) return undefined;
  const call = insertAfter(statement, `${mount.app}.${mount.method}(${ROUTER})`, styleOf(statement));
  return [insertImport(source, ROUTER, mount.specifier), call];
}

/** The innermost statement that ends on the line; a block is no place of its own. */
function statementAt(source: ts.SourceFile, line: number): ts.Statement | undefined {
  let found: ts.Statement | undefined;
  const visit = (node: ts.Node): void => {
    const isPlace = ts.isExpressionStatement(node) || ts.isVariableStatement(node);
    if (isPlace && source.getLineAndCharacterOfPosition(node.getEnd()).line + 1 === line) found = node;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
