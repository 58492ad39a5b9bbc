import { codeOf, messageOf, stateOf, type Result } from '../result.ts';

/** A SARIF 2.1.0 log with one result for each message that is not good. */
export function sarifReport(results: readonly Result[], version: string): string {
  const failed = results.filter((result) => stateOf(result) !== 'good');
  const codes = [...new Set(failed.map(codeOf))].sort();
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'evtgen verify-sig',
            version,
            rules: codes.map((code) => ({ id: code, shortDescription: { text: code.replaceAll('_', ' ') } })),
          },
        },
        results: failed.map((result) => ({
          ruleId: codeOf(result),
          ruleIndex: codes.indexOf(codeOf(result)),
          level: 'error',
          message: { text: `${result.source}: ${messageOf(result)}` },
          locations:
            result.file === null
              ? []
              : [{ physicalLocation: { artifactLocation: { uri: uriOf(result.file) } } }],
        })),
      },
    ],
  };
  return JSON.stringify(log, undefined, 2);
}

/** A file name may hold what begins a query or a fragment. */
function uriOf(file: string): string {
  return encodeURI(file).replaceAll('?', '%3F').replaceAll('#', '%23');
}
