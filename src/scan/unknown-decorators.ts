import { importedNames } from './imported-names.ts';
import { ts } from './project.ts';
import { reportUnresolved, type Run } from './run.ts';

const VERB = /^(?:http_?)?(?:post|put|patch|delete|del)$/i;
const MAY_DECORATE = /@(?:http_?)?(?:post|put|patch|delete|del)\s*\(/i;
/** Clients are decorated by verbs too, and are called otherwise. */
const CONTROLLER = /controller|resource|route|endpoint/i;

/** Says of every method that a package unknown to us makes a route of, such as a company's own framework, where it is. */
export function reportUnknownDecorators(run: Run, isWritten: (file: string) => boolean): void {
  const packages = run.frameworks.flatMap((framework) => framework.packages);
  for (const file of run.project.files) {
    if (!MAY_DECORATE.test(run.project.text(file)) || !isWritten(file)) continue;
    const source = run.project.parse(file);
    const imported = importedNames(source);
    const isUnknown = (name: string): boolean => {
      const from = imported.get(name)?.from;
      if (from === undefined || packages.some((known) => from === known || from.startsWith(`${known}/`)))
        return false;
      return run.project.leadsTo(from, file) === null;
    };
    for (const node of source.statements.filter(ts.isClassDeclaration)) {
      if (!isController(node)) continue;
      for (const decorator of node.members.flatMap(decoratorsOf)) {
        const name = calledName(decorator);
        if (VERB.test(name) && isUnknown(name))
          reportUnresolved(run, decorator, `unknown_decorator: @${name} of ${imported.get(name)?.from}`);
      }
    }
  }
}

function isController(node: ts.ClassDeclaration): boolean {
  const names = [node.name?.text ?? '', ...decoratorsOf(node).map(calledName)];
  return names.some((name) => CONTROLLER.test(name));
}

function decoratorsOf(node: ts.Node): readonly ts.Decorator[] {
  return ts.canHaveDecorators(node) ? (ts.getDecorators(node) ?? []) : [];
}

/** `Post` of `@Post('orders')`; empty for what is no plain call. */
function calledName({ expression }: ts.Decorator): string {
  const called = ts.isCallExpression(expression) ? expression.expression : undefined;
  return called !== undefined && ts.isIdentifier(called) ? called.text : '';
}
