import { contentHash } from './cache-file.ts';
import { ts } from './project.ts';

/**
 * A hash of what a file may mean to routes that are registered elsewhere: its statements without what lies between
 * them, and without the bodies of handlers that calls at its top are given. Null where comments count too.
 * @param isHandler a function that nothing but a route leads to, and that was not followed.
 */
export function outlineHash(source: ts.SourceFile, isHandler: (node: ts.Node) => boolean): string | null {
  const isTyped = /\.[cm]?tsx?$/.test(source.fileName);
  if (!isTyped || source.isDeclarationFile || /^\s*\/\/\/\s*</m.test(source.text)) return null;
  const parts = source.statements.map((statement) => {
    // Of an assignment, others may see more than of what is called.
    const isCall = ts.isExpressionStatement(statement) && ts.isCallExpression(statement.expression);
    let [text, at] = ['', statement.getStart(source)];
    for (const body of isCall ? bodiesGiven(statement.expression, isHandler) : []) {
      text += `${source.text.slice(at, body.getStart(source))}\0`;
      at = body.end;
    }
    return text + source.text.slice(at, statement.end);
  });
  return contentHash(parts.join('\0\0'));
}

/** `router.post('/orders', wrap(async (req, res) => { … }))`: nothing outside can name what is in there. */
function bodiesGiven(expression: ts.Expression, isHandler: (node: ts.Node) => boolean): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) {
      if (isHandler(node)) found.push(node.body);
    } else if (ts.isCallExpression(node)) {
      visit(node.expression);
      for (const argument of node.arguments) visit(argument);
    } else if (ts.isPropertyAccessExpression(node)) {
      visit(node.expression);
    } else if (ts.isObjectLiteralExpression(node)) {
      for (const property of node.properties) {
        if (ts.isPropertyAssignment(property)) visit(property.initializer);
      }
    } else if (ts.isArrayLiteralExpression(node)) {
      for (const element of node.elements) visit(element);
    }
  };
  visit(expression);
  return found;
}

/** `router.get('/orders', (req, res) => { … })` */
export function isGivenToRead(node: ts.Node): boolean {
  const { parent } = node;
  if (!ts.isCallExpression(parent) || !ts.isPropertyAccessExpression(parent.expression)) return false;
  const [path] = parent.arguments;
  const isPath = path !== undefined && ts.isStringLiteralLike(path) && path.text.startsWith('/');
  return isPath && /^(?:get|head|options)$/.test(parent.expression.name.text);
}

const statementHashes = new WeakMap<ts.Node, string>();

/** Where a node is, as long as the statement at the top of its file that it is in does not change. */
export function placeInStatement(node: ts.Node): string {
  const source = node.getSourceFile();
  let statement = node;
  while (statement.parent !== undefined && !ts.isSourceFile(statement.parent)) statement = statement.parent;
  if (ts.isSourceFile(statement)) return contentHash(source.text);
  const start = statement.getStart(source);
  const hash = statementHashes.get(statement) ?? contentHash(source.text.slice(start, statement.end));
  statementHashes.set(statement, hash);
  return `${hash} ${node.getStart(source) - start} ${node.end - start}`;
}
