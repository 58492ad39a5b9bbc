/**
 * One line about anything that was thrown, down to the root cause. Network errors of Node hide theirs: a
 * refused connection to a name with two addresses is an AggregateError without a message.
 */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  let current: unknown = error;
  // The bound is for causes that form a circle.
  for (let depth = 0; current != null && depth < 5; depth += 1) {
    const text = ownMessage(current);
    if (text !== '' && parts.includes(text) === false) parts.push(text);
    current = current instanceof Error ? current.cause : undefined;
  }
  return parts.join(': ');
}

function ownMessage(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(describeError).join(', ');
  }
  if (error instanceof Error) return error.message === '' ? error.name : error.message;
  return String(error);
}
