import { EvtgenError } from '../ui/errors.ts';
import type { Terminal } from '../ui/terminal.ts';
import { readBytes } from './captures/read.ts';

/** Options that say with which secrets to check, as given. */
export interface SecretOptions {
  readonly secret: readonly string[];
  readonly secretFile?: string | undefined;
  /** Secrets are written `name=secret`, and this one is the endpoint's. */
  readonly endpoint?: string | undefined;
}

export interface Secrets {
  readonly own: readonly string[];
  /** Of other endpoints, by name. */
  readonly others: ReadonlyMap<string, string>;
}

const VARIABLE = 'EVTGEN_SECRET';

/**
 * The secrets to try: flags and file together, else the environment variable EVTGEN_SECRET, one a line.
 * @throws EvtgenError `secret_missing`, naming where it should have come from and never a secret.
 */
export async function readSecrets(options: SecretOptions, terminal: Terminal): Promise<Secrets> {
  const given = [...options.secret];
  if (options.secretFile !== undefined) {
    const bytes = await readBytes(options.secretFile, terminal, '--secret-file');
    const text = Buffer.from(bytes)
      .toString('utf8')
      .replace(/^\uFEFF/, '');
    const filled = linesOf(text).filter((line) => !line.startsWith('#'));
    if (filled.length === 0) {
      throw new EvtgenError('secret_missing', `${options.secretFile} holds no secret`);
    }
    given.push(...filled);
  }
  if (options.secret.length > 0) {
    terminal.note(`warning: --secret is visible in the process list; use --secret-file or ${VARIABLE}`);
  }
  if (given.length === 0) given.push(...linesOf(terminal.env[VARIABLE] ?? ''));
  if (given.length === 0) {
    throw new EvtgenError('secret_missing', 'no secret to check with', {
      hint: `give --secret-file, the environment variable ${VARIABLE} or --secret`,
    });
  }
  return options.endpoint === undefined
    ? { own: given, others: new Map() }
    : byEndpoint(given, options.endpoint);
}

/** Quotes and blanks in a line may belong to a secret, or be what is wrong with it: only the line's end is ours. */
function linesOf(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== '');
}

function byEndpoint(given: readonly string[], endpoint: string): Secrets {
  const own: string[] = [];
  const others = new Map<string, string>();
  for (const [index, line] of given.entries()) {
    const { name, secret } = /^(?<name>[^=\s]+)\s*=\s*(?<secret>.*)$/s.exec(line)?.groups ?? {};
    if (name === undefined || secret === undefined) {
      throw new EvtgenError('secret_unnamed', `secret number ${index + 1} has no name`, {
        hint: 'with --endpoint every secret is written name=secret',
      });
    }
    if (name === endpoint) own.push(secret);
    else others.set(name, secret);
  }
  if (own.length === 0) throw new EvtgenError('secret_missing', `there is no secret of "${endpoint}"`);
  return { own, others };
}
