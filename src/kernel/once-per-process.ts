const KEY = Symbol.for('evtgen.events');

/**
 * Gives everybody what was made first. Bundlers give each of their bundles its own copy of a module, and a new one when
 * a file changes, but there is one log to follow and one set of connections to close.
 */
export function oncePerProcess<Value>(create: () => Value): Value {
  const holder = globalThis as { [KEY]?: Value };
  const known = holder[KEY];
  if (known !== undefined) return known;
  const made = create();
  holder[KEY] = made;
  return made;
}
