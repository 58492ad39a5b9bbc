import { unknown, type Value } from './values.ts';

/** Members of an object of which some are read when someone asks for them. */
export class LazyMembers extends Map<string, Value> {
  readonly #unread = new Map<string, () => Value>();

  /** Adds a member that is what `read` gives. */
  defer(name: string, read: () => Value): void {
    // Until it is known, it is unknown to itself too.
    super.set(name, unknown(name));
    this.#unread.set(name, read);
  }

  override get(name: string): Value | undefined {
    const read = this.#unread.get(name);
    if (read !== undefined) {
      this.#unread.delete(name);
      super.set(name, read());
    }
    return super.get(name);
  }

  override set(name: string, value: Value): this {
    this.#unread.delete(name);
    return super.set(name, value);
  }

  override delete(name: string): boolean {
    this.#unread.delete(name);
    return super.delete(name);
  }

  override clear(): void {
    this.#unread.clear();
    super.clear();
  }

  override forEach(action: (value: Value, name: string, members: Map<string, Value>) => void): void {
    for (const [name, value] of this) action(value, name, this);
  }

  override *entries(): MapIterator<[string, Value]> {
    for (const name of this.keys()) yield [name, this.get(name) ?? unknown(name)];
  }

  override *values(): MapIterator<Value> {
    for (const [, value] of this) yield value;
  }

  override [Symbol.iterator](): MapIterator<[string, Value]> {
    return this.entries();
  }
}
