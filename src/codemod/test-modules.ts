// https://docs.nestjs.com/fundamentals/testing
import { ts } from '../scan/project.ts';
import { PROVIDER } from './inject.ts';
import type { Program } from './program.ts';
import type { FileSplice } from './task.ts';

/** The tests whose modules have a class that edits give the emitter to, and no emitter; relative to the root. */
export function testsWithoutEmitter(program: Program, edits: readonly FileSplice[]): string[] {
  const names = new Set(edits.flatMap((edit) => injectedClass(program, edit)?.name?.text ?? []));
  if (names.size === 0) return [];
  // Where `provide` names the class, another stands in for it.
  const provided = new RegExp(`[[,]\\s*(?:${[...names].join('|')})\\s*[,\\]]`);
  return program
    .tests()
    .filter(
      ({ text }) =>
        text.includes('createTestingModule') &&
        !new RegExp(`\\b${PROVIDER}(?:Module)?\\b`).test(text) &&
        provided.test(text.replaceAll(/\bimport\b[^;'"]*\bfrom\b/g, '')),
    )
    .map(({ file }) => file)
    .sort();
}

function injectedClass(
  program: Program,
  { file, text, position }: FileSplice,
): ts.ClassDeclaration | undefined {
  const source = text.includes(`: ${PROVIDER}`) ? program.source(file) : null;
  return source?.statements.find(
    (statement): statement is ts.ClassDeclaration =>
      ts.isClassDeclaration(statement) && statement.pos <= position && position <= statement.end,
  );
}
