import { wordsOf } from './words.ts';

/** A path as names see it: without API and version prefixes, RPC parts split. */
export interface PathSegments {
  readonly segments: readonly Segment[];
  /** Segments that were left out because they name the API and not a resource. */
  readonly noise: readonly string[];
}

export type Segment =
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'static'; readonly words: readonly string[] };

const NOISE =
  /^(?:api|apis|rest|rpc|v\d+(?:\.\d+)*(?:beta\d*|alpha\d*)?|beta|public|private|internal|external|admin|ee|app|backend|server|web|mobile|common|actions?|me|self|current|my|latest|default|services?|metadata|auth|authentication)$/;
/** Segments that stand for the caller's own resource. */
const OWN = /^(?:me|self|current|my|mine)$/;

export function segmentsOf(path: string): PathSegments {
  const noise: string[] = [];
  const raw = path.split('/').filter((part) => part !== '' && part !== '*');
  const segments = raw.flatMap((part): Segment[] => {
    if (/^[:{]/.test(part)) return [{ kind: 'parameter', name: part.replaceAll(/[:{}?]/g, '') }];
    if (OWN.test(part)) return [{ kind: 'parameter', name: part }];
    // `documents.create` of RPC-style APIs; `:id.json` and file names are no RPC.
    return part
      .replace(/\.(?:json|xml|html|php)$/, '')
      .split(/[.:]/)
      .map((piece) => piece.replaceAll(/[^\w-]/g, ''))
      .filter((piece) => piece !== '')
      .map((piece): Segment => ({ kind: 'static', words: wordsOf(piece) }));
  });
  const statics = segments.filter((segment) => segment.kind === 'static');
  const kept = segments.filter((segment) => {
    if (segment.kind === 'parameter') return true;
    const name = segment.words.join('');
    if (!NOISE.test(name)) return true;
    noise.push(name);
    return (
      statics.length === 1 && name !== 'auth' && name !== 'authentication' && !/^(?:api|v\d+)$/.test(name)
    );
  });
  return { segments: kept, noise };
}
