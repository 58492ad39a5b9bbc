import type { PromptStreams } from '../scan/review.ts';
import type { Terminal } from '../ui/terminal.ts';
import { isWrite, type Change } from './change.ts';
import { unifiedDiff } from './report.ts';

type Answer = 'accept' | 'skip' | 'all' | 'none';

/** What is asked about, and what says the same without a question. */
export interface EditQuestions {
  /** Paths of the files that are edited for the wiring; what else is the team's own goes with what is written. */
  readonly wired: ReadonlySet<string>;
  /** For a file whose edit calls what another edit changes, the paths of these others. */
  readonly needed: ReadonlyMap<string, ReadonlySet<string>>;
  readonly commands: { readonly all: string; readonly none: string };
}

/**
 * Shows the edit of each file of the user's own and asks whether to make it. Loads the prompt library only here.
 * @returns the changes without those that were skipped.
 */
export async function acceptEdits(
  changes: readonly Change[],
  { wired, needed, commands }: EditQuestions,
  terminal: Pick<Terminal, 'note'>,
  streams?: PromptStreams,
): Promise<Change[]> {
  const isNeeded = ({ path }: Change): boolean => [...needed.values()].some((paths) => paths.has(path));
  const wanted = changes.filter((change) => wired.has(change.path) && isWrite(change));
  // What others need comes first.
  const edits = [...wanted.filter(isNeeded), ...wanted.filter((edit) => !isNeeded(edit))];
  if (edits.length === 0) return [...changes];
  const { select } = await import('@inquirer/prompts');
  const skipped = new Set<Change>();
  let rest: 'all' | 'none' | undefined;
  for (const edit of edits) {
    const missing = [...skipped].find(({ path }) => needed.get(edit.path)?.has(path) === true);
    if (missing !== undefined && rest === undefined) {
      terminal.note(`${edit.path} is left alone: it would need the edit of ${missing.path}`);
    }
    let answer: Answer | undefined = missing === undefined ? rest : 'skip';
    if (answer === undefined) {
      terminal.note(unifiedDiff(edit).trimEnd());
      answer = await select<Answer>(
        {
          message: `Edit ${edit.path}?`,
          choices: [
            { value: 'accept', name: 'yes' },
            { value: 'skip', name: 'no' },
            { value: 'all', name: 'yes, and all that follow' },
            { value: 'none', name: 'no, and none that follow' },
          ],
          loop: false,
        },
        streams,
      );
    }
    if (answer === 'all' || answer === 'none') rest = answer;
    if (answer === 'skip' || answer === 'none') skipped.add(edit);
  }
  // What was skipped in part, no flag says.
  const command =
    skipped.size === 0 ? commands.all : skipped.size === edits.length ? commands.none : undefined;
  if (command !== undefined) terminal.note(`To be asked nothing next time: ${command}`);
  return changes.filter((change) => !skipped.has(change));
}
