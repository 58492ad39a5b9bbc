import { ts } from '../scan/project.ts';
import type { Catalog } from '../catalog/schema.ts';
import { eventsImport, type EventsTarget } from './events-import.ts';
import { allEmits, type EmitCall } from './find-emit.ts';
import { injectableAround, PROVIDER } from './inject.ts';
import { removal, type Splice } from './insert.ts';
import { idleRunnerImports } from './own-runner-left.ts';
import type { Program } from './program.ts';
import { nodesIn } from './syntax.ts';
import { uninject } from './uninject.ts';
import { unwrap } from './unwrap.ts';

/** An emit call of an event that the catalog no longer has. */
export interface Orphan {
  readonly eventType: string;
  readonly file: string;
  readonly line: number;
  /** Take the call away; none where it is not a statement of its own. */
  readonly splices: readonly Splice[];
}

/** The calls of the project's emitter whose event is gone from the catalog. */
export function findOrphans(program: Program, target: EventsTarget, catalog: Catalog): Orphan[] {
  const gone = allEmits(program).filter(
    ({ call, eventType }) =>
      !Object.hasOwn(catalog.eventTypes, eventType) && isOfEmitter(program, target, call),
  );
  const sources = new Set(gone.map(({ call }) => call.getSourceFile()));
  return [...sources].flatMap((source) => {
    const emits = gone.filter(({ call }) => call.getSourceFile() === source);
    const rest = target.isInjected
      ? uninject(
          source,
          emits.flatMap(({ call }) => (statementOf(call) === null ? [] : [call])),
        )
      : importSplices(program, target, source, emits);
    const own = emits.map(({ call }) => {
      const statement = statementOf(call);
      return statement === null ? [] : (unwrap(program, statement) ?? [removal(statement)]);
    });
    const imports = [...rest, ...idleRunnerImports(program, source, own.flat())];
    return emits.map(({ call, eventType }, index) => {
      const splices = own[index] ?? [];
      const isFirst = own.findIndex(({ length }) => length > 0) === index;
      return { eventType, ...program.place(call), splices: isFirst ? [...splices, ...imports] : splices };
    });
  });
}

/** `events` of the emitted modules, and not the emitter of something else. */
function isOfEmitter(program: Program, target: EventsTarget, { expression }: ts.CallExpression): boolean {
  if (!ts.isPropertyAccessExpression(expression)) return false;
  const owner = expression.expression;
  const provider = target.isInjected ? injectableAround(owner) : null;
  if (provider !== null && ts.isPropertyAccessExpression(owner)) {
    return new RegExp(`\\b${owner.name.text}\\s*:\\s*${PROVIDER}\\b`).test(provider.getText());
  }
  const imported = eventsImport(program, target, owner.getSourceFile());
  return imported.kind === 'import' && imported.insertion === null && imported.name === owner.getText();
}

/** The statement that goes with a call: its own, or the condition that holds nothing else. */
function statementOf(call: ts.CallExpression): ts.Statement | null {
  const awaited = ts.isAwaitExpression(call.parent) ? call.parent : call;
  const { parent } = awaited;
  if (!ts.isExpressionStatement(parent)) return null;
  const block = parent.parent;
  const isOnly = ts.isBlock(block) && block.statements.length === 1 && ts.isIfStatement(block.parent);
  if (isOnly && block.parent.elseStatement === undefined && block.parent.thenStatement === block) {
    return block.parent;
  }
  return ts.isBlock(block) || ts.isSourceFile(block) ? parent : null;
}

/** The import, once nothing uses it. */
function importSplices(
  program: Program,
  target: EventsTarget,
  source: ts.SourceFile,
  emits: readonly EmitCall[],
): Splice[] {
  const imported = eventsImport(program, target, source);
  if (imported.kind === 'taken' || imported.insertion !== null) return [];
  const uses = [...nodesIn(source, false)].filter(
    (node) => ts.isIdentifier(node) && node.text === imported.name,
  );
  const declaration = source.statements.find(
    (statement) =>
      (ts.isImportDeclaration(statement) || ts.isVariableStatement(statement)) &&
      statement.getText().includes(imported.name) &&
      /^(?:import|const)\s*\{\s*\w+\s*\}/.test(statement.getText()),
  );
  // Once where it is imported, and once in each call.
  const isUnused = uses.length === 1 + emits.length && emits.every(({ call }) => statementOf(call) !== null);
  return declaration !== undefined && isUnused ? [removal(declaration)] : [];
}
