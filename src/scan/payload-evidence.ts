import type { Place, PlaceReader } from './places.ts';
import { ts } from './project.ts';
import type { Mutation } from './report.ts';
import type { Payload } from './payload.ts';

/** What a payload was read off. */
export interface PayloadOrigin {
  /** The expression that is sent, the write, or the request's body; null where no single one says it. */
  readonly node: ts.Node | null;
  /** Declarations of its type: an entity, a DTO, an interface. */
  readonly types: readonly ts.Declaration[];
}

export interface ExplainedPayload {
  readonly source: Mutation['payloadSource'];
  readonly from: Place | null;
  readonly types: readonly Place[];
  readonly properties: readonly string[];
  /** Properties left out because they look secret. */
  readonly sensitive: readonly string[];
}

export function explainPayload(places: PlaceReader, payload: Payload | undefined): ExplainedPayload {
  const { node, types } = payload?.origin?.() ?? { node: null, types: [] };
  return {
    source: payload?.source ?? 'none',
    from: node === null ? null : places.at(node),
    types: types.map((type) => places.at(type)),
    properties: Object.keys(payload?.schema?.properties ?? {}),
    sensitive: payload?.sensitive ?? [],
  };
}

/** An expression with the project's declarations of its type, looked for in promises, lists and unions too. */
export function originOf(checker: ts.TypeChecker, node: ts.Node): PayloadOrigin {
  const found = new Set<ts.Declaration>();
  const visit = (type: ts.Type, depth: number): void => {
    if (depth > 3) return;
    const symbols = [type.aliasSymbol, type.symbol];
    for (const declaration of symbols.flatMap((symbol) => symbol?.declarations ?? [])) {
      const isNamed =
        ts.isInterfaceDeclaration(declaration) ||
        ts.isClassLike(declaration) ||
        ts.isTypeAliasDeclaration(declaration);
      const { fileName } = declaration.getSourceFile();
      if (
        isNamed &&
        !fileName.includes('/node_modules/typescript/') &&
        !fileName.startsWith('/node_modules/')
      ) {
        found.add(declaration);
      }
    }
    if (type.isUnionOrIntersection()) for (const part of type.types) visit(part, depth + 1);
    for (const argument of typeArguments(checker, type)) visit(argument, depth + 1);
  };
  visit(checker.getTypeAtLocation(node), 0);
  return { node, types: [...found] };
}

function typeArguments(checker: ts.TypeChecker, type: ts.Type): readonly ts.Type[] {
  const isReference = (type.flags & ts.TypeFlags.Object) !== 0 && 'target' in type;
  return isReference ? checker.getTypeArguments(type as ts.TypeReference) : [];
}
