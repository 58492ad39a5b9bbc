/** A file in this folder that implements the kernel's `Transport`. */
export interface TransportBinding {
  /** As `transport` in evtgen.config.json names it. */
  readonly id: string;
  /** Below `src` of evtgen and below `output` of the project alike. */
  readonly file: string;
  /** The function that creates it. */
  readonly create: string;
  /** What the emitted code needs from npm. */
  readonly packages: readonly string[];
}

/** The first is the default. */
export const transports: readonly [TransportBinding, ...TransportBinding[]] = [
  { id: 'node-http', file: 'transports/node-http.ts', create: 'nodeHttpTransport', packages: [] },
  { id: 'undici', file: 'transports/undici.ts', create: 'undiciTransport', packages: ['undici@7'] },
];
