/** A position as a client gives it back, without sign and leading zeros; undefined for any other text. */
export function parsePosition(text: string): number | undefined {
  return /^(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : undefined;
}
