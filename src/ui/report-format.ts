import { EvtgenError } from './errors.ts';

/**
 * The format that a command line asks for by flags of that name; `human` without any.
 * @throws EvtgenError `usage` for more than one.
 */
export function reportFormat<Name extends string>(
  flags: Readonly<Partial<Record<Name, true | undefined>>>,
  names: readonly Name[],
): Name | 'human' {
  const wanted = names.filter((name) => flags[name] === true);
  if (wanted.length > 1) {
    throw new EvtgenError('usage', `${wanted.map((name) => `--${name}`).join(' and ')} exclude each other`);
  }
  return wanted[0] ?? 'human';
}
