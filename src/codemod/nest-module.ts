// https://docs.nestjs.com/modules
import { ts, type Project } from '../scan/project.ts';
import { eolAt, indentBefore, insertImport, type Splice } from './insert.ts';
import { nodesIn } from './syntax.ts';

const MODULE = 'EventsModule';

export interface RootModule {
  readonly file: string;
  /** Imports the emitted module by a specifier. */
  splices(specifier: string): readonly Splice[];
}

/** The module that the application is made of, if its decorator can be added to. */
export function findRootModule(project: Project): RootModule | null {
  const name = rootModuleName(project);
  if (name === null) return null;
  for (const file of project.files) {
    if (!new RegExp(`\\bclass\\s+${name}\\b`).test(project.text(file))) continue;
    const settings = moduleSettings(project.parse(file), name);
    if (settings === null) continue;
    const edit = importEdit(settings);
    if (edit === null) return null;
    return {
      file: project.relativePath(file),
      splices: (specifier) => [insertImport(settings.getSourceFile(), MODULE, specifier), edit],
    };
  }
  return null;
}

/** Scripts that fill the database make applications too; only the one that listens has routes. */
function rootModuleName(project: Project): string | null {
  const made = project.files.flatMap((file) => {
    const text = project.text(file);
    const name = /\bNestFactory\s*\.\s*create\w*(?:<[^>(]*>)?\(\s*(\w+)/.exec(text)?.[1];
    return name === undefined ? [] : [{ name, isServed: /\.\s*listen\s*\(/.test(text) }];
  });
  const served = made.filter(({ isServed }) => isServed);
  const [name = null, ...others] = new Set((served.length > 0 ? served : made).map((each) => each.name));
  return others.length > 0 ? null : name;
}

function moduleSettings(source: ts.SourceFile, name: string): ts.ObjectLiteralExpression | null {
  for (const node of nodesIn(source, true)) {
    if (!ts.isClassDeclaration(node) || node.name?.text !== name) continue;
    for (const { expression } of ts.getDecorators(node) ?? []) {
      if (!ts.isCallExpression(expression) || expression.expression.getText() !== 'Module') continue;
      const [settings] = expression.arguments;
      if (settings !== undefined && ts.isObjectLiteralExpression(settings)) return settings;
    }
  }
  return null;
}

/** `EventsModule` as the last of the imports. */
function importEdit(settings: ts.ObjectLiteralExpression): Splice | null {
  const { text } = settings.getSourceFile();
  const property = settings.properties.find(({ name }) => name?.getText() === 'imports');
  if (property === undefined) {
    const [first] = settings.properties;
    if (first === undefined) return { position: settings.getStart() + 1, text: ` imports: [${MODULE}] ` };
    const indent = indentBefore(text, first.getStart());
    const separator = indent === null ? ' ' : eolAt(text, first.getStart()) + indent;
    return { position: first.getStart(), text: `imports: [${MODULE}],${separator}` };
  }
  if (!ts.isPropertyAssignment(property) || !ts.isArrayLiteralExpression(property.initializer)) return null;
  const { elements } = property.initializer;
  const last = elements.at(-1);
  if (last === undefined) return { position: property.initializer.getStart() + 1, text: MODULE };
  const indent = indentBefore(text, last.getStart());
  const separator = indent === null ? ', ' : `,${eolAt(text, last.end)}${indent}`;
  return { position: last.end, text: separator + MODULE };
}
