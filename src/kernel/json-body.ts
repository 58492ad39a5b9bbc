import { isJsonObject } from './field-problems.ts';
import { ProblemError } from './problem.ts';

const MAX_BODY_BYTES = 64 * 1024;

export interface JsonBody {
  readonly value: Record<string, unknown>;
  /** As they came. */
  readonly bytes: Uint8Array;
}

/** RFC 7396; plain JSON means the same here. */
export const MERGE_PATCH_TYPES: readonly string[] = ['application/merge-patch+json', 'application/json'];

/**
 * The JSON object in the body of a request; an empty object when there is no body at all.
 * @throws ProblemError 413, 415, or 400 when it is no JSON object
 */
export async function readJsonObject(request: Request): Promise<Record<string, unknown>> {
  return (await readJsonBody(request)).value;
}

/** The same with its bytes. @param mediaTypes those that are taken; any kind of JSON unless given */
export async function readJsonBody(
  request: Request,
  mediaTypes?: readonly string[] | undefined,
): Promise<JsonBody> {
  const bytes = await readBytes(request);
  if (bytes.length === 0) return { value: {}, bytes };
  const [mediaType = ''] = (request.headers.get('content-type') ?? '').toLowerCase().split(';');
  if (isAccepted(mediaType.trim(), mediaTypes) === false) {
    const detail = `the body must be ${mediaTypes === undefined ? 'application/json' : mediaTypes.join(' or ')}`;
    // RFC 5789, section 2.2.
    const headers = mediaTypes === undefined ? undefined : { 'accept-patch': mediaTypes.join(', ') };
    throw new ProblemError({ status: 415, code: 'unsupported_media_type', detail, headers });
  }
  const value = parse(bytes);
  if (!isJsonObject(value)) {
    throw new ProblemError({ status: 400, code: 'malformed_json', detail: 'the body must be a JSON object' });
  }
  return { value, bytes };
}

function isAccepted(mediaType: string, mediaTypes: readonly string[] | undefined): boolean {
  if (mediaTypes !== undefined) return mediaTypes.includes(mediaType);
  return /^application\/(?:[\w.+-]+\+)?json$/.test(mediaType);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const detail = `the body is not JSON: ${error instanceof Error ? error.message : String(error)}`;
    throw new ProblemError({ status: 400, code: 'malformed_json', detail });
  }
}

/** Stops reading at the limit: `content-length` may be missing or wrong. */
async function readBytes(request: Request): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  if (request.body === null) return new Uint8Array();
  const reader = request.body.getReader();
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done || value === undefined) return Buffer.concat(chunks);
    chunks.push(value);
    size += value.length;
    if (size > MAX_BODY_BYTES) {
      await reader.cancel();
      const detail = `the body must have at most ${MAX_BODY_BYTES} bytes`;
      throw new ProblemError({ status: 413, code: 'body_too_large', detail });
    }
  }
}
