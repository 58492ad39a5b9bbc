import type { Change } from '../generate/change.ts';
import type { Finding } from './finding.ts';

const SAYS: Readonly<Record<Exclude<Change['kind'], 'keep'>, string>> = {
  create: 'is missing',
  update: 'is not what generate writes now',
  merge: 'was edited, and generate has changes for it',
  conflict: 'was edited, and generate wants other content',
  delete: 'is generated code that nothing asks for any more',
};

/** A finding for each generated file that `generate` would touch. */
export function driftFindings(changes: readonly Change[]): Finding[] {
  return changes.flatMap(({ kind, path, reason }): Finding[] => {
    if (kind === 'keep') return [];
    return [
      {
        rule: 'generated_file_drift',
        message: `${path} ${SAYS[kind]}${reason === undefined ? '' : ` (${reason})`}`,
        file: path,
        fix: kind === 'conflict' ? 'see "evtgen generate --diff"' : 'run "evtgen generate"',
      },
    ];
  });
}
