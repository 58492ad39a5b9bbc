/** Header names in lower case, with every value in the order of appearance. */
export type HeaderFields = Readonly<Record<string, readonly string[]>>;

/** One received webhook, byte for byte. */
export interface Message {
  readonly headers: HeaderFields;
  /** The bytes of the body as they stand in the capture, freed of chunked framing where it was used. */
  readonly body: Uint8Array;
  /** What `content-length` announces, where that is more than the capture holds. */
  readonly announcedBytes: number | undefined;
  /** The body with what follows the length announced, where the capture holds more than that. */
  readonly overlong: Uint8Array | undefined;
  readonly method: string;
  /** Absolute; undefined where the capture does not say to which URL it was sent. */
  readonly url: string | undefined;
  /** Unix seconds at which it was received, where the capture says so. */
  readonly receivedAt: number | undefined;
}

/** The only value of a header, trimmed; undefined where it is absent or empty. */
export function headerOf(headers: HeaderFields, name: string): string | undefined {
  const value = headers[name]?.[0]?.trim();
  return value === undefined || value === '' ? undefined : value;
}
