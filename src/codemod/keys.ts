import { ts } from '../scan/project.ts';
import { OWN_ID } from './names.ts';
import type { Program } from './program.ts';

/** Whether a table is known by its columns, and to have none of a name that is customary for the key. */
export function lacksKey(program: Program, table: string, name: string): boolean {
  const columns = OWN_ID.test(name) ? program.columns(table) : null;
  return columns !== null && !columns.includes(name);
}

/** The key of a model whose base class declares an `id` for all, where it is another: `@PrimaryKey siteId`. */
export function otherKey({ checker }: Program, type: ts.Type, name: string): string | null {
  const declaration = checker.getPropertyOfType(type, name)?.valueDeclaration;
  const model = type.symbol?.valueDeclaration;
  const isInherited = declaration?.getSourceFile().isDeclarationFile === true;
  if (!isInherited || model === undefined || !ts.isClassDeclaration(model)) return null;
  const key = model.members.find(
    (member) =>
      ts.isPropertyDeclaration(member) &&
      ts.getDecorators(member)?.some(({ expression }) => /^PrimaryKey\b/.test(expression.getText())) === true,
  );
  return key?.name?.getText() ?? null;
}

/** A property of an entity that has another name where its `toJSON` serializes it (MikroORM); null if none has. */
export function renamedProperty({ checker }: Program, type: ts.Type): string | null {
  for (const property of checker.getPropertiesOfType(type)) {
    const declaration = property.valueDeclaration;
    const isRenamed =
      declaration !== undefined &&
      ts.isPropertyDeclaration(declaration) &&
      ts.getDecorators(declaration)?.some((decorator) => /\bserializedName\s*:/.test(decorator.getText())) ===
        true;
    if (isRenamed) return property.name;
  }
  return null;
}
