/** What a client is sent; those who want the same share it, so it is encoded and framed once. */
export interface StreamBytes {
  readonly plain: Uint8Array;
  /** The same as one chunk of HTTP/1.1 (RFC 9112, section 7.1). */
  readonly chunk: Uint8Array;
}

/** @param text whole blocks, not empty: an empty chunk would end the response */
export function streamBytes(text: string): StreamBytes {
  const size = Buffer.byteLength(text);
  const prefix = `${size.toString(16)}\r\n`;
  const chunk = Buffer.from(`${prefix}${text}\r\n`);
  return { plain: chunk.subarray(prefix.length, prefix.length + size), chunk };
}
