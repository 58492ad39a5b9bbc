import { nameMigrations } from './names.ts';
import type { Program } from '../program.ts';

/** One of evtgen's migrations, to be written in the format of a tool. */
export interface MigrationScript {
  /** What it is about: `evtgen-event-log`. */
  readonly topic: string;
  readonly up: string;
  readonly down: string;
}

/** What is known of the project's migrations so far. */
export interface MigrationContext {
  /** The migrations there are: files, or folders for a tool that has one a migration. */
  readonly names: readonly string[];
  /** Text of the newest one, '' if there is none. */
  readonly newest: string;
  readonly moduleFormat: 'esm' | 'cjs';
  readonly now: Date;
}

/** Where a tool's configuration says which folder its migrations are in. */
export interface MigrationConfiguration {
  /** Its name, at the root of the project. */
  readonly file: RegExp;
  /** The folder is the first group. */
  readonly folder: RegExp;
}

/** How one tool wants its migrations. */
export interface MigrationFormat {
  /** Where they usually lie, the default first. */
  readonly folders: readonly string[];
  readonly configuration?: MigrationConfiguration;
  /** Plain SQL, which other tools can run as well. */
  readonly isSql: boolean;
  /** A name among the entries of such a folder that is a migration. */
  readonly isMigration: RegExp;
  /** The path of each new migration below the folder. */
  name(topics: readonly string[], context: MigrationContext): string[];
  /**
   * The text of one: SQL, or TypeScript that becomes JavaScript where the path ends so.
   * @param path as `name` gave it
   */
  content(script: MigrationScript, path: string, context: MigrationContext): string;
  /** A file of the tool that lists them, below the folder. */
  readonly journal?: {
    readonly path: string;
    /** @param text null when there is none yet */
    add(text: string | null, paths: readonly string[], now: Date): string;
  };
  /** What runs them; none for plain SQL. */
  readonly tool?: Program & { readonly arguments: string };
  /** What a person has to do lest the tool undo them. */
  readonly caution?: string;
}

/** Names that follow the style of those there are, else begin with the time as 14 digits. */
export function timestampedNames(
  topics: readonly string[],
  { names, now }: MigrationContext,
  separator: '-' | '_',
  ending: string,
): string[] {
  const styled = names.map((name) => name.replace(/\.[cm]?[jt]s$/, '.sql'));
  const style = separator === '-' ? '20000101000000-the-style.sql' : '20000101000000_the_style.sql';
  const named = nameMigrations(styled.length === 0 ? [style] : styled, topics, now);
  return named.map((name) => name.replace(/\.sql$/, ending));
}

/** The ending of the newest one, `.ts` without any. */
export function endingOf(names: readonly string[]): string {
  return /\.[cm]?[jt]s$/.exec(names.at(-1) ?? '')?.[0] ?? '.ts';
}

/** The text as it stands in a template literal. */
export function templateLiteral(sql: string): string {
  const escaped = sql.trim().replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${');
  return `\`\n${escaped}\n\``;
}

/** `evtgen-event-log` → `EvtgenEventLog`. */
export function className(topic: string): string {
  return topic.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
