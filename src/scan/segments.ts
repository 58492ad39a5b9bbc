import { isPlural, wordsOf } from './words.ts';

/** A path as names see it: without API and version prefixes, RPC parts split. */
export interface PathSegments {
  readonly segments: readonly Segment[];
  /** Segments that were left out because they name the API and not a resource. */
  readonly noise: readonly string[];
}

export type Segment =
  /** `isOwn`: stands for the caller's own resource, as `me` does. */
  | { readonly kind: 'parameter'; readonly name: string; readonly isOwn: boolean }
  | { readonly kind: 'static'; readonly words: readonly string[] };

const NOISE =
  /^(?:api|apis|rest|rpc|v\d+(?:\.\d+)*(?:beta\d*|alpha\d*)?|beta|public|private|internal|external|admin|ee|app|backend|server|web|mobile|common|me|self|current|my|latest|default|services?|metadata|auth|authentication)$/;
/** `/v:version` */
const VERSION_PARAMETER = /^v:\w+$/;
/** Segments that stand for the caller's own resource. */
const OWN = /^(?:me|self|current|my|mine)$/;

export function segmentsOf(path: string): PathSegments {
  const noise: string[] = [];
  const raw = path.split('/').filter((part) => part !== '' && part !== '*' && !VERSION_PARAMETER.test(part));
  const segments = raw.flatMap((part): Segment[] => {
    if (/^[:{]/.test(part))
      return [{ kind: 'parameter', name: part.replaceAll(/[:{}?]/g, ''), isOwn: false }];
    if (OWN.test(part)) return [{ kind: 'parameter', name: part, isOwn: true }];
    // `v2.0` is a version, and `/p/` of `/p/orders` a shorthand of some server.
    if (/^(?:v\d+(?:\.\d+)+|[a-z])$/.test(part) && raw.length > 1) {
      noise.push(part);
      return [];
    }
    // `documents.create` of RPC-style APIs; `:id.json` and file names are no RPC.
    return part
      .replace(/\.(?:json|xml|html|php)$/, '')
      .split(/[.:]/)
      .map((piece) => piece.replaceAll(/[^\w-]/g, ''))
      .map((piece): Segment => ({ kind: 'static', words: wordsOf(piece) }))
      .filter((segment) => segment.kind === 'static' && segment.words.length > 0);
  });
  const statics = segments.filter((segment) => segment.kind === 'static');
  const kept = segments.filter((segment, index) => {
    if (segment.kind === 'parameter') return true;
    const name = segment.words.join('');
    // `/shares/id/:shareId`, `/users/by-name/:name`
    if (segments[index + 1]?.kind === 'parameter' && index > 0 && /^(?:by[a-z]+|id|slug|uuid)$/.test(name)) {
      return false;
    }
    // `/authorization/roles` are roles; `/authorization` alone is a thing.
    const next = segments[index + 1];
    const isNamespace =
      name === 'authorization' && next?.kind === 'static' && isPlural(next.words.at(-1) ?? '');
    // `/orders/:id/actions/ship` ships; `/contributions/actions/:id` is an action.
    const isOfVerb = /^actions?$/.test(name) && next?.kind === 'static';
    if (!NOISE.test(name) && !isNamespace && !isOfVerb) return true;
    noise.push(name);
    return (
      statics.length === 1 && name !== 'auth' && name !== 'authentication' && !/^(?:api|v\d+)$/.test(name)
    );
  });
  return { segments: kept, noise };
}
