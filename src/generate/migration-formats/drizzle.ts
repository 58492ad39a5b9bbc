// https://orm.drizzle.team/docs/kit-custom-migrations
import { z } from 'zod';
import { parseJson } from '../../config/json-file.ts';
import { nameMigrations } from './names.ts';
import type { MigrationFormat } from './format.ts';

const JOURNAL = 'meta/_journal.json';

const journalSchema = z.looseObject({
  version: z.string(),
  dialect: z.string(),
  entries: z.array(z.looseObject({ idx: z.number(), when: z.number(), tag: z.string() })),
});

const EMPTY_JOURNAL = { version: '7', dialect: 'postgresql', entries: [] };

/** As `drizzle-kit generate --custom` writes them: the journal names them, and no snapshot is theirs. */
export const drizzle: MigrationFormat = {
  folders: ['drizzle', 'drizzle/migrations', 'src/drizzle', 'src/db/migrations', 'migrations'],
  configuration: { file: /^drizzle\.config\.\w+$/, folder: /\bout['"]?:\s*['"]([^'"]+)/ },
  isSql: true,
  isMigration: /\.sql$/,
  // Its numbers begin with 0.
  name: (topics, { names, now }) =>
    names.length === 0
      ? topics.map((topic, index) => `${String(index).padStart(4, '0')}_${topic.replaceAll('-', '_')}.sql`)
      : nameMigrations(names, topics, now),
  content: ({ up }) => statements(up).join('\n--> statement-breakpoint\n'),
  journal: {
    path: JOURNAL,
    add(text, paths, now) {
      const journal = text === null ? EMPTY_JOURNAL : parseJson(JOURNAL, text, journalSchema);
      // What is older than the newest that has run is never run.
      const newest = Math.max(now.getTime(), ...journal.entries.map(({ when }) => when + 1));
      const next = Math.max(-1, ...journal.entries.map(({ idx }) => idx)) + 1;
      const added = paths.map((path, index) => ({
        idx: next + index,
        version: journal.version,
        when: newest + index,
        tag: path.replace(/\.sql$/, ''),
        breakpoints: true,
      }));
      return JSON.stringify({ ...journal, entries: [...journal.entries, ...added] }, null, 2);
    },
  },
  tool: { package: 'drizzle-kit', name: 'drizzle-kit', arguments: 'migrate' },
};

/** One at a time: some drivers take no more. Our scripts end every statement, and nothing else, with `;` and a new line. */
function statements(script: string): string[] {
  const parts: string[] = [];
  let open = '';
  for (const line of script.split('\n')) {
    open += `${line}\n`;
    // The body of a function stands between two marks.
    const isWithinBody = open.split('$$').length % 2 === 0;
    if (/;\s*(?:--.*)?$/.test(line) && !line.trimStart().startsWith('--') && !isWithinBody) {
      parts.push(open.trim());
      open = '';
    }
  }
  return open.trim() === '' ? parts : [...parts, open.trim()];
}
