import Handlebars from 'handlebars';
import { packageFile } from './kernel-files.ts';

const handlebars = Handlebars.create();
const compiled = new Map<string, HandlebarsTemplateDelegate>();

/**
 * Fills a template of `templates/`. Templates know `each` and `if` only, and a name that the data does not have
 * is an error.
 */
export function render(template: string, data: Readonly<Record<string, unknown>>): string {
  let fill = compiled.get(template);
  if (fill === undefined) {
    fill = handlebars.compile(packageFile(`templates/${template}`), {
      noEscape: true,
      strict: true,
      knownHelpers: { each: true, if: true },
      knownHelpersOnly: true,
    });
    compiled.set(template, fill);
  }
  return fill(data);
}
