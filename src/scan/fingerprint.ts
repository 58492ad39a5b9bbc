import { createHash } from 'node:crypto';
import { placeInStatement } from './file-outline.ts';
import type { ts } from './project.ts';

export interface Fingerprint {
  readonly hash: string;
  /** Files in which parts of the value are written. */
  readonly files: readonly string[];
}

/** Values that hold more stand for so much of the program that nothing would be gained. */
const MAX_PARTS = 20_000;

/**
 * What a followed value is made of: literals by what they are, functions, classes and literals of objects by where
 * they are written, with what they were made from. Null for values of more than `MAX_PARTS` parts.
 */
export function fingerprintOf(value: unknown): Fingerprint | null {
  const hash = createHash('sha256');
  const files = new Set<string>();
  const seen = new Map<object, number>();
  let partsLeft = MAX_PARTS;

  const add = (part: unknown): void => {
    if (partsLeft <= 0) return;
    partsLeft -= 1;
    if (typeof part !== 'object' || part === null) {
      hash.update(`${typeof part} ${typeof part === 'function' ? '' : String(part)}\n`);
      return;
    }
    const known = seen.get(part);
    if (known !== undefined) {
      hash.update(`seen ${known}\n`);
      return;
    }
    seen.set(part, seen.size);
    if (isNode(part)) {
      const { fileName } = part.getSourceFile();
      files.add(fileName);
      hash.update(`node ${fileName} ${placeInStatement(part)}\n`);
    } else if (isSite(part)) {
      // Its line changes with what stands above it.
      add(part.node);
    } else if (isScope(part)) {
      files.add(part.file);
      hash.update(`scope ${part.file}\n`);
      // A module's scope is what its file says; the scopes of calls hold what these were given.
      if (part.parent !== null) {
        add(part.names);
        add(part.parent);
      }
    } else if (isRouter(part)) {
      hash.update('router\n');
      add(part.site);
    } else {
      const entries = part instanceof Map ? [...part] : Object.entries(part);
      hash.update(`entries ${entries.length}\n`);
      for (const [key, item] of entries) {
        hash.update(`${String(key)} `);
        add(item);
      }
    }
  };
  add(value);
  return partsLeft <= 0 ? null : { hash: hash.digest('hex'), files: [...files] };
}

function isNode(part: object): part is ts.Node {
  return 'getSourceFile' in part && 'pos' in part && 'end' in part;
}

function isSite(part: object): part is { node: ts.Node } {
  return 'node' in part && 'line' in part && 'file' in part;
}

function isScope(part: object): part is { file: string; names: unknown; parent: object | null } {
  return 'names' in part && 'parent' in part && 'file' in part && typeof part.file === 'string';
}

function isRouter(part: object): part is { site: unknown } {
  return 'mounts' in part && 'routes' in part && 'site' in part;
}
