// Parses the files whose names come on stdin, one a line, and takes each tree over into JavaScript.
import { readFileSync } from 'node:fs';
import module from 'node:module';

module.enableCompileCache?.();
const { parseSync } = await import('oxc-parser');

let statements = 0;
for (const file of readFileSync(0, 'utf8').split('\n')) {
  if (file !== '') statements += parseSync(file, readFileSync(file, 'utf8')).program.body.length;
}
process.stdout.write(`${statements}\n`);
