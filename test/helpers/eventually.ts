/** Resolves once `holds` gives a truthy value; rejects after ten seconds, naming what was waited for. */
export async function eventually<T>(
  what: string,
  holds: () => T | Promise<T>,
): Promise<Exclude<T, false | undefined>> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const value = await holds();
    if (value) return value as Exclude<T, false | undefined>;
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
