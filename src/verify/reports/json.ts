import { stateOf, type Result } from '../result.ts';

/** The document of `--json`. */
export function jsonReport(results: readonly Result[]): string {
  const document = {
    schemaVersion: 1,
    ok: results.every((result) => stateOf(result) === 'good'),
    results: results.map((result) =>
      'error' in result
        ? { source: result.source, ok: false, code: result.error.code, message: result.error.message }
        : withoutFile(result),
    ),
  };
  return JSON.stringify(document, undefined, 2);
}

function withoutFile({ file: _file, ...rest }: Exclude<Result, { error: unknown }>): object {
  return rest;
}
