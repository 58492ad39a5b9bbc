/** One thing that a tool found. */
export interface SarifResult {
  /** Stable code of the kind of finding. */
  readonly rule: string;
  readonly level: 'error' | 'warning';
  readonly message: string;
  /** With forward slashes, relative to where the tool ran; null where no file is to blame. */
  readonly file: string | null;
  /** From 1. */
  readonly line?: number | undefined;
}

/** A log by the Static Analysis Results Interchange Format (SARIF) 2.1.0, OASIS Standard, sections 3.13 to 3.27. */
export function sarifLog(tool: string, version: string, results: readonly SarifResult[]): string {
  const rules = [...new Set(results.map(({ rule }) => rule))].sort();
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: tool,
            version,
            rules: rules.map((id) => ({ id, shortDescription: { text: id.replaceAll('_', ' ') } })),
          },
        },
        results: results.map(({ rule, level, message, file, line }) => ({
          ruleId: rule,
          ruleIndex: rules.indexOf(rule),
          level,
          message: { text: message },
          locations: file === null ? [] : [{ physicalLocation: physicalLocation(file, line) }],
        })),
      },
    ],
  };
  return JSON.stringify(log, undefined, 2);
}

function physicalLocation(file: string, line: number | undefined): object {
  const region = line === undefined ? {} : { region: { startLine: line } };
  return { artifactLocation: { uri: uriOf(file) }, ...region };
}

/** A file name may hold what begins a query or a fragment. */
function uriOf(file: string): string {
  return encodeURI(file).replaceAll('?', '%3F').replaceAll('#', '%23');
}
