import { ts } from '../scan/project.ts';

/** Stands for the output folder in templates: `#events/kernel/emit.ts`. */
export const OUTPUT_ALIAS = '#events/';

/** The module specifiers of a file that are relative or begin with the alias of the output folder. */
export function localSpecifiers(text: string): string[] {
  return located(text).map(({ specifier }) => specifier);
}

/** Replaces those specifiers and nothing else. */
export function rewriteSpecifiers(text: string, rewrite: (specifier: string) => string): string {
  let result = text;
  for (const { specifier, start } of located(text).toReversed()) {
    result = result.slice(0, start) + rewrite(specifier) + result.slice(start + specifier.length);
  }
  return result;
}

function located(text: string): { specifier: string; start: number }[] {
  // `pos` is that of the opening quote or of the text behind it, depending on the kind of import.
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.filter(({ fileName }) => fileName.startsWith('.') || fileName.startsWith(OUTPUT_ALIAS))
    .map(({ fileName, pos }) => ({ specifier: fileName, start: text.indexOf(fileName, pos) }))
    .sort((a, b) => a.start - b.start);
}
