/** What a binding contributes to the emitted `setup.ts`. */
export interface SetupPart {
  /** What follows `import`, without the semicolon: `{ Redis } from 'ioredis'`; ours are written `#events/…`. */
  readonly imports: readonly string[];
  /** What stands before `events`: clients, and what they do when their server is away. */
  readonly statements?: string | undefined;
  /** Properties of the settings, with their commas: `metrics,`. */
  readonly settings?: string | undefined;
}
