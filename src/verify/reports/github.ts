import { codeOf, messageOf, stateOf, type Result } from '../result.ts';

/**
 * Workflow commands of GitHub Actions, one for each message that is not good.
 * https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions#setting-an-error-message
 */
export function githubReport(results: readonly Result[]): string[] {
  return results
    .filter((result) => stateOf(result) !== 'good')
    .map((result) => {
      const fix = 'error' in result || result.fix === null ? '' : `\n${result.fix}`;
      const properties = [
        ...(result.file === null ? [] : [`file=${property(result.file)}`]),
        `title=${property(`${result.source}: ${codeOf(result)}`)}`,
      ];
      return `::error ${properties.join(',')}::${data(`${messageOf(result)}${fix}`)}`;
    });
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
