import { sarifLog } from '../../ui/sarif.ts';
import { codeOf, messageOf, stateOf, type Result } from '../result.ts';

/** A SARIF 2.1.0 log with one result for each message that is not good. */
export function sarifReport(results: readonly Result[], version: string): string {
  const failed = results.filter((result) => stateOf(result) !== 'good');
  return sarifLog(
    'evtgen verify-sig',
    version,
    failed.map((result) => ({
      rule: codeOf(result),
      level: 'error',
      message: `${result.source}: ${messageOf(result)}`,
      file: result.file,
    })),
  );
}
