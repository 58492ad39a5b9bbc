import { statSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { deferConstants, readLater } from './deferred.ts';
import { correctEarlyReads } from './early-reads.ts';
import { evaluate } from './evaluate.ts';
import { executeBlock } from './execute.ts';
import { defineClass, functionValue, hasModifier } from './functions.ts';
import { jsonValue } from './json-values.ts';
import { LazyMembers } from './lazy-members.ts';
import { memberOf } from './members.ts';
import { descends } from './nesting.ts';
import { TOO_DEEP, ts } from './project.ts';
import type { ExportedValue } from '../frameworks/framework.ts';
import { countSteps, reportUnresolved, withAllSteps, type Module, type Run } from './run.ts';
import {
  external,
  isUndefined,
  literal,
  lookup,
  native,
  object,
  optionsOf,
  unknown,
  type Scope,
  type Value,
} from './values.ts';

/** The module of a file, followed up to its end (or as far as it got, in an import cycle). */
export function loadModule(run: Run, file: string): Module {
  const known = run.modules.get(file);
  if (known !== undefined) return known;
  const source = run.project.parse(file);
  const exportsObject = object();
  const moduleObject = object([['exports', exportsObject]]);
  const names = new Map<string, Value | (() => Value)>([
    ['module', moduleObject],
    ['exports', exportsObject],
    ['this', exportsObject],
    ['__dirname', literal(dirname(file))],
    ['__filename', literal(file)],
  ]);
  const module: Module = {
    file,
    source,
    scope: { file, names, parent: null },
    moduleObject,
    exports: new Map(),
    reexported: [],
    deferred: [],
    isReadEarly: false,
    state: 'new',
  };
  run.modules.set(file, module);
  declareImports(run, module);
  declareExports(run, module);
  module.state = 'running';
  // Which branch led to this import says nothing about what the module's own code does.
  const { undecided, attempts, outerDepth } = run;
  run.undecided = 0;
  run.attempts = 0;
  run.outerDepth = run.stack.length;
  const depth = run.stack.length;
  const isFollowed = descends(() =>
    withAllSteps(run, () => {
      countSteps(run, () => {
        if (!run.signed.has(file)) {
          executeBlock(run, { statements: deferConstants(run, module) }, module.scope);
          return;
        }
        executeBlock(run, source, module.scope);
        module.exports.get('default')?.();
      });
    }),
  );
  if (!isFollowed) {
    run.stack.length = depth;
    reportUnresolved(run, source, `too_deep: ${TOO_DEEP}`);
  }
  run.undecided = undecided;
  run.attempts = attempts;
  run.outerDepth = outerDepth;
  module.state = 'done';
  if (module.isReadEarly) correctEarlyReads(run, module, exportsObject);
  return module;
}

/** `require(x)` and `import(x)`. */
export function requireModule(run: Run, specifier: Value, node: ts.Node): Value {
  const fromFile = node.getSourceFile().fileName;
  const found = optionsOf(specifier).map((option): Value => {
    if (option.kind !== 'literal' || typeof option.value !== 'string') return unknown(node.getText());
    const file = resolveFile(run, option.value, fromFile);
    if (file === null) return external(option.value);
    return namespaceOf(run, file);
  });
  return found.length === 1 && found[0] !== undefined ? found[0] : { kind: 'union', options: found };
}

function resolveFile(run: Run, specifier: string, fromFile: string): string | null {
  if (isAbsolute(specifier) && statSync(specifier, { throwIfNoEntry: false })?.isFile() === true) {
    return /\.(?:[cm]?[jt]sx?|json)$/.test(specifier) ? specifier : null;
  }
  return run.project.resolve(specifier, fromFile);
}

/** What `import * as x` and `require` give. */
export function namespaceOf(run: Run, file: string): Value {
  if (file.endsWith('.json')) return jsonValue(run.project, file);
  const module = loadModule(run, file);
  if (module.exports.size === 0 && module.reexported.length === 0) {
    if (module.state === 'running') module.isReadEarly = true;
    return module.moduleObject.properties.get('exports') ?? unknown('exports');
  }
  if (module.state === 'running') {
    return { ...native(() => unknown(file)), member: (name) => readExport(run, file, name) };
  }
  const properties = new LazyMembers();
  for (const name of exportNames(run, module)) {
    properties.defer(name, () => readLater(run, () => readExport(run, file, name)));
  }
  return { ...object(), properties };
}

/** ES exports of a file, `export *` included, with the place where each is declared or listed. */
export function exportedValues(run: Run, file: string): ExportedValue[] {
  const module = loadModule(run, file);
  const places = exportPlaces(module.source);
  return exportNames(run, module).map((name) => ({
    name,
    value: readExport(run, file, name),
    site: run.project.siteOf(places.get(name) ?? module.source.statements[0] ?? module.source),
  }));
}

function exportPlaces(source: ts.SourceFile): Map<string, ts.Node> {
  const places = new Map<string, ts.Node>();
  for (const statement of source.statements) {
    if (ts.isExportAssignment(statement)) places.set('default', statement);
    if (ts.isExportDeclaration(statement) && statement.exportClause !== undefined) {
      const { exportClause } = statement;
      if (ts.isNamedExports(exportClause)) {
        for (const element of exportClause.elements) places.set(element.name.text, element);
      }
    }
    if (!hasModifier(statement, ts.SyntaxKind.ExportKeyword)) continue;
    if (ts.isVariableStatement(statement)) {
      for (const declaration of statement.declarationList.declarations) {
        for (const name of boundNames(declaration.name)) places.set(name, declaration);
      }
    } else if (hasModifier(statement, ts.SyntaxKind.DefaultKeyword)) {
      places.set('default', statement);
    } else if (ts.isFunctionDeclaration(statement) && statement.name !== undefined) {
      places.set(statement.name.text, statement);
    }
  }
  return places;
}

function exportNames(run: Run, module: Module, trail: readonly string[] = []): string[] {
  const inherited = module.reexported
    .filter((file) => !trail.includes(file))
    .flatMap((file) => exportNames(run, loadModule(run, file), [...trail, module.file]))
    .filter((name) => name !== 'default');
  return [...new Set([...module.exports.keys(), ...inherited])];
}

/** What another module imports under a name. */
function readExport(run: Run, file: string, name: string): Value {
  if (file.endsWith('.json')) {
    const json = jsonValue(run.project, file);
    return name === 'default' || json.kind !== 'object' ? json : (json.properties.get(name) ?? unknown(name));
  }
  return findExport(run, file, name, []) ?? unknown(name);
}

function findExport(run: Run, file: string, name: string, trail: readonly string[]): Value | undefined {
  if (trail.includes(file)) return undefined;
  const module = loadModule(run, file);
  const own = module.exports.get(name);
  if (own !== undefined) return own();
  for (const source of name === 'default' ? [] : module.reexported) {
    const inherited = findExport(run, source, name, [...trail, file]);
    if (inherited !== undefined) return inherited;
  }
  if (module.exports.size > 0 || module.reexported.length > 0) return undefined;
  const common = module.moduleObject.properties.get('exports');
  if (common === undefined) return undefined;
  if (name !== 'default') {
    const member = memberOf(run, common, name, module.source);
    // One of several files that `export *` names, in which there are only types.
    return trail.length > 0 && isUndefined(member) ? undefined : member;
  }
  return common.kind === 'object' ? (common.properties.get('default') ?? common) : common;
}

function declareImports(run: Run, module: Module): void {
  for (const statement of module.source.statements) {
    if (ts.isImportEqualsDeclaration(statement) && ts.isExternalModuleReference(statement.moduleReference)) {
      const specifier = statement.moduleReference.expression;
      module.scope.names.set(statement.name.text, () =>
        requireModule(run, evaluate(run, specifier, module.scope), specifier),
      );
    }
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const clause = statement.importClause;
    const from = statement.moduleSpecifier.text;
    if (clause === undefined) {
      const file = run.project.resolve(from, module.file);
      if (file !== null && !file.endsWith('.json')) loadModule(run, file);
      continue;
    }
    if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) continue;
    const declare = (local: ts.Identifier, imported: string): void => {
      module.scope.names.set(local.text, () => importedValue(run, module.file, from, imported));
    };
    if (clause.name !== undefined) declare(clause.name, 'default');
    const { namedBindings } = clause;
    if (namedBindings === undefined) continue;
    if (ts.isNamespaceImport(namedBindings)) {
      module.scope.names.set(namedBindings.name.text, () => {
        const file = run.project.resolve(from, module.file);
        return file === null ? external(from) : namespaceOf(run, file);
      });
    } else {
      for (const element of namedBindings.elements) {
        if (!element.isTypeOnly) declare(element.name, (element.propertyName ?? element.name).text);
      }
    }
  }
}

function importedValue(run: Run, fromFile: string, specifier: string, name: string): Value {
  const file = run.project.resolve(specifier, fromFile);
  return file === null ? external(specifier, [name]) : readExport(run, file, name);
}

function declareExports(run: Run, module: Module): void {
  const { scope } = module;
  const exportLocal = (exported: string, local: string): void => {
    module.exports.set(exported, () => lookup(scope, local) ?? unknown(local));
  };
  for (const statement of module.source.statements) {
    if (ts.isExportAssignment(statement)) {
      module.exports.set(
        'default',
        once(() => evaluate(run, statement.expression, scope)),
      );
    } else if (ts.isExportDeclaration(statement) && !statement.isTypeOnly) {
      declareExportList(run, module, statement, exportLocal);
    } else if (hasModifier(statement, ts.SyntaxKind.ExportKeyword)) {
      const isDefault = hasModifier(statement, ts.SyntaxKind.DefaultKeyword);
      if (ts.isVariableStatement(statement)) {
        for (const declaration of statement.declarationList.declarations) {
          for (const name of boundNames(declaration.name)) exportLocal(name, name);
        }
      } else if (
        (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) &&
        (isDefault || statement.name !== undefined)
      ) {
        const local = statement.name?.text;
        if (local !== undefined) exportLocal(isDefault ? 'default' : local, local);
        else
          module.exports.set(
            'default',
            once(() => unnamedDefault(run, statement, scope)),
          );
      } else if (ts.isEnumDeclaration(statement) || ts.isModuleDeclaration(statement)) {
        exportLocal(statement.name.text, statement.name.text);
      }
    }
  }
}

function unnamedDefault(
  run: Run,
  statement: ts.FunctionDeclaration | ts.ClassDeclaration,
  scope: Scope,
): Value {
  return ts.isClassDeclaration(statement)
    ? defineClass(run, statement, scope)
    : functionValue(statement, scope);
}

function once(read: () => Value): () => Value {
  let value: Value | null = null;
  return () => (value ??= read());
}

function declareExportList(
  run: Run,
  module: Module,
  statement: ts.ExportDeclaration,
  exportLocal: (exported: string, local: string) => void,
): void {
  const from =
    statement.moduleSpecifier !== undefined && ts.isStringLiteral(statement.moduleSpecifier)
      ? statement.moduleSpecifier.text
      : null;
  const { exportClause } = statement;
  if (exportClause === undefined) {
    const file = from === null ? null : run.project.resolve(from, module.file);
    if (file !== null && !file.endsWith('.json')) module.reexported.push(file);
  } else if (ts.isNamespaceExport(exportClause)) {
    const file = from === null ? null : run.project.resolve(from, module.file);
    module.exports.set(exportClause.name.text, () =>
      file === null ? external(String(from)) : namespaceOf(run, file),
    );
  } else {
    for (const element of exportClause.elements) {
      if (element.isTypeOnly) continue;
      const imported = (element.propertyName ?? element.name).text;
      if (from === null) exportLocal(element.name.text, imported);
      else module.exports.set(element.name.text, () => importedValue(run, module.file, from, imported));
    }
  }
}

function boundNames(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) =>
    ts.isOmittedExpression(element) ? [] : boundNames(element.name),
  );
}
