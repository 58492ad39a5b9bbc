import { EvtgenError } from '../ui/errors.ts';
import { isEmitted } from './header.ts';
import type { PlanInput } from './plan.ts';

/**
 * Generated modules import each other by name, so that one of somebody else's in their place breaks the others.
 * @throws EvtgenError `output_taken` before anything is generated into a folder that has a module of the same name.
 */
export function refuseTakenOutput(
  output: string,
  { wanted, disk, manifest }: Pick<PlanInput, 'wanted' | 'disk' | 'manifest'>,
): void {
  if (manifest.size > 0) return;
  const taken = wanted.flatMap(({ path }) => {
    const text = /\.[cm]?[jt]s$/.test(path) && path.startsWith(`${output}/`) ? disk.get(path) : undefined;
    return text === undefined || isEmitted(text) ? [] : [path];
  });
  if (taken.length === 0) return;
  const other = output.replace(/[^/]+$/, 'event-log');
  throw new EvtgenError('output_taken', `${output} has files of your own in the way: ${taken.join(', ')}`, {
    hint: `name another folder, in evtgen.config.json: "output": "${other}"`,
  });
}
