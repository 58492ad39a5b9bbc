import { ts } from './project.ts';

/** `name(…)`, `name<Type>(…)`, and what makes a server of what is imported: `name.Router()`, `name.createServer()`. */
const MAKER = /(?<![\w$])[\w$]+(?=\s*(?:\.\s*(?:Router|create|[sS]erver)\s*)?(?:<[^>(]*>)?\()/g;

const makers = new WeakMap<ts.Node, readonly string[]>();

/** Names that the code of a node calls, as its text has them. */
export function makersIn(node: ts.Node): readonly string[] {
  const known = makers.get(node) ?? [...new Set(node.getText().match(MAKER))];
  makers.set(node, known);
  return known;
}

const calls = new WeakMap<ts.Node, readonly string[]>();

/** Plain names that the code of a node calls or constructs. */
export function calledNames(node: ts.Node): readonly string[] {
  const known = calls.get(node);
  if (known !== undefined) return known;
  const names = new Set<string>();
  const visit = (inner: ts.Node): void => {
    if ((ts.isCallExpression(inner) || ts.isNewExpression(inner)) && ts.isIdentifier(inner.expression)) {
      names.add(inner.expression.text);
    }
    ts.forEachChild(inner, visit);
  };
  visit(node);
  const found = [...names];
  calls.set(node, found);
  return found;
}
