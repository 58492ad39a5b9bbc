const LF = 0x0a;

/** Framing that is not as RFC 9112 section 7.1 has it. The message says what is wrong with "its body". */
export class ChunkError extends Error {
  override readonly name = 'ChunkError';
}

/** Undoes chunked framing (RFC 9112 section 7.1); trailers are dropped. */
export function joinChunks(bytes: Uint8Array): Uint8Array {
  const chunks: Uint8Array[] = [];
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(LF, start);
    const size =
      end === -1
        ? undefined
        : /^([\da-fA-F]{1,8})\s*(?:;.*)?\r?$/.exec(textOf(bytes.subarray(start, end)))?.[1];
    if (size === undefined) throw new ChunkError('its chunked body ends before the last chunk');
    const length = Number.parseInt(size, 16);
    if (length === 0) return Buffer.concat(chunks);
    const data = bytes.subarray(end + 1, end + 1 + length);
    const next = bytes.indexOf(LF, end + 1 + length);
    if (data.length < length || next === -1 || textOf(bytes.subarray(end + 1 + length, next)).trim() !== '') {
      throw new ChunkError(`a chunk of its body has not the ${length} bytes it announces`);
    }
    chunks.push(data);
    start = next + 1;
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
