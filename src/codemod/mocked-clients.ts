import type { Program } from './program.ts';

/** How a test puts something in the place of the client, by store, and what it has where that opens transactions. */
const STAND_INS: Readonly<Record<string, { readonly made: RegExp; readonly opens: RegExp }>> = {
  prisma: {
    made: /\bmockDeep<\s*PrismaClient\b|\b(?:jest|vi)\.mock\(\s*['"`][^'"`]*prisma[^'"`]*['"`]|\bprovide:\s*Prisma\w*\s*,\s*use(?:Value|Factory)\b/i,
    opens: /\$transaction\b/,
  },
  typeorm: { made: /\bgetRepositoryToken\([^)]*\)\s*,\s*use(?:Value|Factory)\b/, opens: /\bmanager\s*[:.]/ },
};

/** The tests with a client or a repository of their own that opens no transaction; relative to the root. */
export function testsWithoutTransaction(program: Program, store: string): string[] {
  const standIn = STAND_INS[store];
  if (standIn === undefined) return [];
  return program
    .tests()
    .filter(({ text }) => standIn.made.test(text) && !standIn.opens.test(text))
    .map(({ file }) => file)
    .sort();
}
