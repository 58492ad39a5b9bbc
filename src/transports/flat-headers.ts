/** Header fields by name, those that came more than once joined as RFC 9110, 5.3, has it. */
export function flatHeaders(
  fields: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const values = Object.values(fields);
  if (values.every((value) => typeof value === 'string')) return fields as Record<string, string>;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
