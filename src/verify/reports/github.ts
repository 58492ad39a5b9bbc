import { annotation } from '../../ui/annotation.ts';
import { codeOf, messageOf, stateOf, type Result } from '../result.ts';

/** Annotations of GitHub Actions, one for each message that is not good. */
export function githubReport(results: readonly Result[]): string[] {
  return results
    .filter((result) => stateOf(result) !== 'good')
    .map((result) => {
      const fix = 'error' in result || result.fix === null ? '' : `\n${result.fix}`;
      const title = `${result.source}: ${codeOf(result)}`;
      return annotation({ level: 'error', title, message: messageOf(result) + fix, file: result.file });
    });
}
