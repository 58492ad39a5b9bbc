import type { Catalog } from '../catalog/schema.ts';
import { mutationKey, type Decisions } from '../catalog/merge.ts';
import type { ScanReport } from './report.ts';

/**
 * Asks which of the new mutations become events; those left unticked are ignored. Null when nothing is new.
 * Loads the prompt library only when there is something to ask.
 */
export async function reviewMutations(catalog: Catalog, report: ScanReport): Promise<Decisions | null> {
  const fresh = report.mutations.filter(
    (mutation) => !Object.hasOwn(catalog.mutations, mutationKey(mutation)),
  );
  const isChanged = Object.entries(catalog.mutations).some(([key, entry]) => {
    const isFound = report.mutations.some((mutation) => mutationKey(mutation) === key);
    return isFound === (entry.gone === true);
  });
  if (fresh.length === 0) return isChanged ? new Map() : null;
  const { checkbox } = await import('@inquirer/prompts');
  const chosen = await checkbox({
    message: 'Which of these are to emit an event?',
    pageSize: 20,
    choices: fresh.map((mutation) => ({
      value: mutationKey(mutation),
      name: `${mutationKey(mutation)}  ${mutation.eventType ?? ''}`.trimEnd(),
      checked: mutation.kind === 'mutation',
      ...(mutation.eventType === null ? { disabled: `(${mutation.kind})` } : {}),
    })),
  });
  return new Map(
    fresh.map((mutation): [string, { event: string } | { ignore: string }] => {
      const key = mutationKey(mutation);
      if (chosen.includes(key) && mutation.eventType !== null) return [key, { event: mutation.eventType }];
      return [key, { ignore: mutation.kind === 'mutation' ? 'not_chosen' : mutation.kind }];
    }),
  );
}
