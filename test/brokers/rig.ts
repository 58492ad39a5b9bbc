import type { Publisher } from '../../src/kernel/ports.ts';
import type { BrokerName } from '../helpers/services.ts';

/** A message as a consumer sees it, by the rules of the broker's CloudEvents binding. */
export interface Received {
  /** By their plain names. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly data: unknown;
}

/** One broker as the contract sees it. */
export interface BrokerRig {
  readonly id: string;
  readonly server: BrokerName;
  /** Bytes of an event that it never takes; undefined where there is no such limit. */
  readonly tooLarge?: number | undefined;
  /** Nobody gets what was published while he was away. */
  readonly forgets?: boolean;
  /** A place of its own on the server: a topic, a stream, a queue. */
  open(url: string): Promise<Place>;
}

export interface Place {
  /** As the emitted setup makes it; `url` where it is not that of the place. */
  publisher(url?: string): Publisher;
  /** All that arrived so far, in the order in which consumers get it; read with another client than the publisher's. */
  received(): Promise<readonly Received[]>;
  close(): Promise<void>;
}

/** Takes the binding's prefix off the names of headers; what has none is no attribute. */
export function attributesIn(
  headers: Iterable<readonly [string, unknown]>,
  prefix: string,
): Record<string, string> {
  return Object.fromEntries(
    [...headers]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), String(value)]),
  );
}

/** A CloudEvents document. */
export function parseStructured(text: string): Received {
  const { data, datacontenttype: _, ...attributes } = JSON.parse(text) as Record<string, unknown>;
  return { data, attributes: attributesIn(Object.entries(attributes), '') };
}
