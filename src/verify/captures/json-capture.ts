import { EvtgenError } from '../../ui/errors.ts';
import type { HeaderFields, Message } from '../message.ts';
import { urlOf } from './http-message.ts';

/**
 * Reads requests out of JSON: what `GET /_receive/:name/requests` of serve answers, one of them, an array of them, or
 * an event of AWS Lambda (API Gateway, function URL). The body is text or base64, and never decoded further.
 * @param where names the capture in errors.
 * @throws EvtgenError `capture_malformed`, or `capture_body_parsed` where the body is no longer the bytes that came.
 */
export function parseJsonCapture(document: unknown, where: string): Message[] {
  const list = Array.isArray(document) ? document : isRecord(document) ? document['requests'] : undefined;
  if (Array.isArray(list)) return list.map((each: unknown, index) => readOne(each, `${where}[${index}]`));
  return [readOne(document, where)];
}

function readOne(value: unknown, where: string): Message {
  if (!isRecord(value)) throw malformed(where, 'it is no object');
  const headers = readFields(value['multiValueHeaders']) ?? readFields(value['headers']);
  if (headers === null) throw malformed(where, 'it has no "headers"');
  const context = isRecord(value['requestContext']) ? value['requestContext'] : {};
  const received = value['receivedAt'] ?? context['timeEpoch'] ?? context['requestTimeEpoch'];
  return {
    headers,
    body: readBody(value, where),
    announcedBytes: undefined,
    overlong: undefined,
    method: typeof value['method'] === 'string' ? value['method'] : 'POST',
    url: urlOfCapture(value, context, headers),
    receivedAt: secondsOf(received),
  };
}

function readBody(value: Readonly<Record<string, unknown>>, where: string): Uint8Array {
  const { body, bodyBase64, isBase64Encoded } = value;
  if (typeof bodyBase64 === 'string') return Buffer.from(bodyBase64, 'base64');
  if (typeof body === 'string') return Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8');
  if (body === undefined || body === null) return new Uint8Array();
  throw new EvtgenError('capture_body_parsed', `${where}: the body was parsed; its bytes are lost`, {
    hint: 'record the body as text or in base64 ("bodyBase64") before anything parses it',
  });
}

function urlOfCapture(
  value: Readonly<Record<string, unknown>>,
  context: Readonly<Record<string, unknown>>,
  headers: HeaderFields,
): string | undefined {
  // Node and its frameworks have no more than the path in it.
  if (typeof value['url'] === 'string') return urlOf(value['url'], headers);
  const { domainName } = context;
  const path = value['rawPath'] ?? value['path'];
  if (typeof domainName !== 'string' || typeof path !== 'string') return undefined;
  const query = typeof value['rawQueryString'] === 'string' && value['rawQueryString'] !== '';
  return `https://${domainName}${path}${query ? `?${String(value['rawQueryString'])}` : ''}`;
}

/** ISO 8601 text, or milliseconds. */
function secondsOf(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : typeof value === 'number' ? value : Number.NaN;
  return Number.isFinite(ms) ? Math.floor(ms / 1000) : undefined;
}

function readFields(value: unknown): HeaderFields | null {
  if (!isRecord(value)) return null;
  const fields = new Map<string, string[]>();
  for (const [name, content] of Object.entries(value)) {
    const values: readonly unknown[] = Array.isArray(content) ? content : [content];
    const texts = values.filter((each) => typeof each === 'string');
    const key = name.toLowerCase();
    if (texts.length > 0) fields.set(key, [...(fields.get(key) ?? []), ...texts]);
  }
  return Object.fromEntries(fields);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(where: string, what: string): EvtgenError {
  return new EvtgenError('capture_malformed', `${where} is no captured request: ${what}`, {
    hint: 'expected {"headers": {…}, "body": "…"}, a HAR file, or what serve recorded',
  });
}
