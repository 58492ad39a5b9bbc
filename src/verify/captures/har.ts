import { EvtgenError } from '../../ui/errors.ts';
import type { HeaderFields, Message } from '../message.ts';
import { detectScheme } from '../schemes/index.ts';

/** Whether a JSON document is an HTTP archive (HAR 1.2). */
export function isHar(document: unknown): boolean {
  return Array.isArray(entriesOf(document));
}

/**
 * The requests of an HTTP archive that have the headers of a signed webhook, in order.
 * @param where names the file in errors.
 * @throws EvtgenError `capture_malformed` for an entry that is none, `capture_body_parsed` where only the fields of a
 * form were recorded, `capture_body_missing` where nothing was.
 */
export function parseHar(document: unknown, where: string): { message: Message; place: string }[] {
  const entries = entriesOf(document);
  if (!Array.isArray(entries)) throw malformed(where, 'it has no log.entries');
  return entries.flatMap((entry: unknown, index) => {
    const place = `${where} (entry ${index + 1})`;
    const request = isRecord(entry) ? entry['request'] : undefined;
    if (!isRecord(request)) throw malformed(place, 'it has no request');
    const headers = fieldsOf(request['headers']);
    if (detectScheme(headers) === null) return [];
    const started = isRecord(entry) ? Date.parse(String(entry['startedDateTime'])) : Number.NaN;
    const message: Message = {
      headers,
      body: bodyOf(request, place),
      announcedBytes: undefined,
      overlong: undefined,
      method: String(request['method'] ?? 'POST'),
      url: typeof request['url'] === 'string' ? request['url'] : undefined,
      receivedAt: Number.isFinite(started) ? Math.floor(started / 1000) : undefined,
    };
    return [{ message, place }];
  });
}

function bodyOf({ postData: data, bodySize }: Readonly<Record<string, unknown>>, place: string): Uint8Array {
  const hint = 'the bytes of the body are needed: postData.text';
  if (isRecord(data) && typeof data['text'] === 'string') {
    return Buffer.from(data['text'], data['encoding'] === 'base64' ? 'base64' : 'utf8');
  }
  if (isRecord(data) && Array.isArray(data['params']) && data['params'].length > 0) {
    const text = `${place}: only the fields of its form were recorded`;
    throw new EvtgenError('capture_body_parsed', text, { hint });
  }
  if (typeof bodySize === 'number' && bodySize > 0) {
    const text = `${place}: the ${bodySize} bytes of its body were not recorded`;
    throw new EvtgenError('capture_body_missing', text, { hint });
  }
  return new Uint8Array();
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
