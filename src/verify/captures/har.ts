import { EvtgenError } from '../../ui/errors.ts';
import type { HeaderFields, Message } from '../message.ts';

/** Whether a JSON document is an HTTP archive (HAR 1.2). */
export function isHar(document: unknown): boolean {
  return Array.isArray(entriesOf(document));
}

/**
 * The requests of an HTTP archive that have a body, in order.
 * @param where names the file in errors.
 * @throws EvtgenError `capture_malformed` for an entry that is none, `capture_body_parsed` where only the fields of a
 * form were recorded.
 */
export function parseHar(document: unknown, where: string): { message: Message; place: string }[] {
  const entries = entriesOf(document);
  if (!Array.isArray(entries)) throw malformed(where, 'it has no log.entries');
  return entries.flatMap((entry: unknown, index) => {
    const place = `${where} (entry ${index + 1})`;
    const request = isRecord(entry) ? entry['request'] : undefined;
    if (!isRecord(request)) throw malformed(place, 'it has no request');
    const body = bodyOf(request['postData'], place);
    if (body === null) return [];
    const started = isRecord(entry) ? Date.parse(String(entry['startedDateTime'])) : Number.NaN;
    const message: Message = {
      headers: fieldsOf(request['headers']),
      body,
      announcedBytes: undefined,
      method: String(request['method'] ?? 'POST'),
      url: typeof request['url'] === 'string' ? request['url'] : undefined,
      receivedAt: Number.isFinite(started) ? Math.floor(started / 1000) : undefined,
    };
    return [{ message, place }];
  });
}

function bodyOf(data: unknown, place: string): Uint8Array | null {
  if (!isRecord(data)) return null;
  if (typeof data['text'] === 'string') {
    return Buffer.from(data['text'], data['encoding'] === 'base64' ? 'base64' : 'utf8');
  }
  if (!Array.isArray(data['params'])) return null;
  throw new EvtgenError('capture_body_parsed', `${place}: only the fields of its form were recorded`, {
    hint: 'the bytes of the body are needed: postData.text',
  });
}

function fieldsOf(list: unknown): HeaderFields {
  const fields = new Map<string, string[]>();
  for (const each of Array.isArray(list) ? list : []) {
    const header: unknown = each;
    if (!isRecord(header) || typeof header['name'] !== 'string') continue;
    const name = header['name'].toLowerCase();
    fields.set(name, [...(fields.get(name) ?? []), String(header['value'] ?? '')]);
  }
  return Object.fromEntries(fields);
}

function entriesOf(document: unknown): unknown {
  const log = isRecord(document) ? document['log'] : undefined;
  return isRecord(log) ? log['entries'] : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(where: string, what: string): EvtgenError {
  return new EvtgenError('capture_malformed', `${where} is no HTTP archive entry: ${what}`);
}
