import { ExitCode } from '../ui/exit-code.ts';
import type { Terminal } from '../ui/terminal.ts';
import { checkStdinIsReadOnce, readMessage, readSecrets, type InputOptions } from './input.ts';
import { judge, type Verdict } from './judge.ts';

export interface VerifySigOptions extends InputOptions {
  readonly toleranceMs: number;
  /** Unix seconds; this machine's clock when left out. */
  readonly nowSeconds?: number;
  readonly json: boolean;
}

/** Checks one message, prints the verdict and says with which code to exit. */
export async function runVerifySig(options: VerifySigOptions, terminal: Terminal): Promise<ExitCode> {
  checkStdinIsReadOnce(options);
  const secrets = await readSecrets(options, terminal);
  const message = await readMessage(options, terminal);
  const nowSeconds = options.nowSeconds ?? Math.floor(Date.now() / 1000);
  const toleranceSeconds = options.toleranceMs / 1000;
  const verdict = judge({ ...message, secrets, toleranceSeconds, nowSeconds });
  const clock = {
    now: new Date(nowSeconds * 1000).toISOString(),
    nowSource: options.nowSeconds === undefined ? 'clock' : 'flag',
    toleranceSeconds,
  };

  if (options.json) {
    const result = { source: options.request ?? options.payload, scheme: 'standard', ...verdict, ...clock };
    terminal.result(JSON.stringify({ schemaVersion: 1, ok: verdict.ok, results: [result] }, undefined, 2));
  } else {
    terminal.result(`${headline(verdict)}: ${verdict.message}`);
    if (verdict.code !== null) explain(verdict, clock, terminal);
  }
  return exitCodeOf(verdict);
}

function explain(verdict: Verdict, clock: { now: string; nowSource: string }, terminal: Terminal): void {
  terminal.result(`code: ${verdict.code}`);
  if (verdict.code === 'timestamp_too_old' || verdict.code === 'timestamp_too_new') {
    const source = clock.nowSource === 'flag' ? '--now' : "this machine's clock";
    terminal.note(`judged at ${clock.now} (${source}); a recorded message needs --now TIME or --tolerance`);
  }
  if (verdict.code === 'signature_mismatch') {
    terminal.note(
      'hint: the body must be the bytes as received, before any parsing, and the secret that of this endpoint',
    );
  }
}

function headline(verdict: Verdict): string {
  if (verdict.ok) return 'good signature';
  return isUnreadable(verdict) ? 'not checked' : 'bad signature';
}

/**
 * A message that was checked and found wanting is a finding. One whose headers cannot be read was not checked at
 * all, like one with an unusable secret: bad input.
 */
function exitCodeOf(verdict: Verdict): ExitCode {
  if (verdict.ok) return ExitCode.done;
  return isUnreadable(verdict) ? ExitCode.usage : ExitCode.findings;
}

function isUnreadable(verdict: Verdict): boolean {
  return verdict.code === 'header_malformed' || verdict.code === 'header_duplicated';
}
