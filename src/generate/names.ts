/** `order.line_created`, 2 → `OrderLineCreatedV2`. */
export function schemaTypeName(eventType: string, version: number): string {
  return `${pascalCase(eventType)}V${version}`;
}

/** The module of one schema below the output folder, without extension: `schemas/order.created.v1`. */
export function schemaModule(eventType: string, version: number): string {
  return `schemas/${eventType}.v${version}`;
}

/** Joins every run of letters and digits, each capitalised; never empty and never starting with a digit. */
export function pascalCase(text: string): string {
  const words = text.match(/[A-Za-z0-9]+/g) ?? [];
  const joined = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return /^[A-Z]/.test(joined) ? joined : `T${joined}`;
}

/** A property name as it stands in an object literal or an interface. */
export function propertyKey(name: string): string {
  if (name === '__proto__') return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name);
}

/** A single-quoted string literal. */
export function quote(text: string): string {
  const body = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${body.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`;
}
