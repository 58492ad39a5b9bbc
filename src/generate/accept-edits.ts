import type { PromptStreams } from '../scan/review.ts';
import type { Terminal } from '../ui/terminal.ts';
import { isWrite, type Change } from './change.ts';
import { unifiedDiff } from './report.ts';

type Answer = 'accept' | 'skip' | 'all' | 'none';

/**
 * Shows the edit of each file of the user's own and asks whether to make it. Loads the prompt library only here.
 * @returns the changes without those that were skipped.
 */
export async function acceptEdits(
  changes: readonly Change[],
  terminal: Pick<Terminal, 'note'>,
  streams?: PromptStreams,
): Promise<Change[]> {
  const edits = changes.filter((change) => change.owner === 'D' && isWrite(change));
  if (edits.length === 0) return [...changes];
  const { select } = await import('@inquirer/prompts');
  const skipped = new Set<Change>();
  let rest: 'all' | 'none' | undefined;
  for (const edit of edits) {
    let answer: Answer | undefined = rest;
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
  terminal.note('To be asked nothing next time: evtgen generate --wire --yes');
  return changes.filter((change) => !skipped.has(change));
}
