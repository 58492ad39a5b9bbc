import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { EvtgenError } from '../../ui/errors.ts';
import type { Terminal } from '../../ui/terminal.ts';
import type { Message } from '../message.ts';
import { isHar, parseHar } from './har.ts';
import { parseHttpMessage } from './http-message.ts';
import { parseJsonCapture } from './json-capture.ts';

/** One message and where it came from. */
export interface Capture {
  /** A path as the user gave it, or below it; with the entry, where a file holds several. */
  readonly source: string;
  /** The file to annotate; null for stdin. */
  readonly file: string | null;
  readonly message: Message;
}

/** A file of a folder that is no capture. */
export interface Unread {
  readonly source: string;
  readonly file: string;
  readonly error: EvtgenError;
}

const CAPTURE_FILE = /\.(?:http|har|json)$/i;

/**
 * Reads captures: files, folders (every `.http`, `.har` and `.json` below them, sorted), `-` for stdin.
 * @throws EvtgenError `file_unreadable`, `no_captures`, or that a file that was named is no capture.
 */
export async function readCaptures(
  paths: readonly string[],
  terminal: Terminal,
): Promise<(Capture | Unread)[]> {
  const captures: (Capture | Unread)[] = [];
  for (const path of paths) {
    const files = await filesAt(path, terminal);
    const isFolder = files.length !== 1 || files[0] !== path;
    for (const file of files) {
      const bytes = await readBytes(file, terminal, '--request');
      try {
        captures.push(...parseCapture(bytes, file));
      } catch (error) {
        // One file that is none does not keep the others of its folder from being checked.
        if (!isFolder || !(error instanceof EvtgenError)) throw error;
        captures.push({ source: file, file, error });
      }
    }
  }
  return captures;
}

/** Tells by its first character whether a capture is JSON or a raw HTTP message. */
export function parseCapture(bytes: Uint8Array, path: string): Capture[] {
  const where = path === '-' ? 'stdin' : path;
  const file = path === '-' ? null : path;
  const head = Buffer.from(bytes.subarray(0, 100))
    .toString('utf8')
    .replace(/^\uFEFF/, '');
  if (!/^\s*[[{]/.test(head)) return [{ source: where, file, message: parseHttpMessage(bytes, where) }];
  const document = parseJson(bytes, where);
  if (isHar(document)) {
    const signed = parseHar(document, where);
    if (signed.length === 0) {
      throw new EvtgenError('no_captures', `${where} holds no request with the headers of a signed webhook`);
    }
    return signed.map(({ message, place }) => ({ source: place, file, message }));
  }
  const messages = parseJsonCapture(document, where);
  return messages.map((message, index) => ({
    source: messages.length === 1 ? where : `${where} (request ${index + 1})`,
    file,
    message,
  }));
}

/** @throws EvtgenError `file_unreadable` */
export async function readBytes(path: string, terminal: Terminal, flag: string): Promise<Uint8Array> {
  if (path === '-') return readStdin();
  try {
    return await readFile(resolve(terminal.cwd, path));
  } catch (error) {
    throw new EvtgenError('file_unreadable', `${flag} ${path} cannot be read`, { cause: error });
  }
}

async function filesAt(path: string, terminal: Terminal): Promise<string[]> {
  if (path === '-') return [path];
  const absolute = resolve(terminal.cwd, path);
  const stats = await stat(absolute).catch((error: unknown) => {
    throw new EvtgenError('file_unreadable', `--request ${path} cannot be read`, { cause: error });
  });
  if (!stats.isDirectory()) return [path];
  const entries = await readdir(absolute, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && CAPTURE_FILE.test(entry.name))
    .map((entry) =>
      join(path, relative(absolute, join(entry.parentPath, entry.name)))
        .split(sep)
        .join('/'),
    )
    .sort();
  if (files.length === 0) {
    throw new EvtgenError('no_captures', `there is no .http, .har or .json file in ${path}`);
  }
  return files;
}

function parseJson(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(
      Buffer.from(bytes)
        .toString('utf8')
        .replace(/^\uFEFF/, ''),
    );
  } catch (error) {
    throw new EvtgenError('capture_malformed', `${where} is not valid JSON`, { cause: error });
  }
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
