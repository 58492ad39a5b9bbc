/** A file in this folder that implements the kernel's `Transport`. */
export interface TransportBinding {
  readonly id: string;
  readonly title: string;
  /** Relative to src/transports. */
  readonly file: string;
  /** What the emitted code needs from npm. */
  readonly packages: readonly string[];
}

/** The first one is the default. */
export const transports: readonly TransportBinding[] = [
  { id: 'node-http', title: 'node:http and node:https', file: 'node-http.ts', packages: [] },
];
