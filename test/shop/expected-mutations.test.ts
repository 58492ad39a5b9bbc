import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import expected from './expected-mutations.json' with { type: 'json' };

const shop = fileURLToPath(new URL('../../fixtures/express-orders', import.meta.url));
const REGISTRATION = /\.(post|put|patch|delete)(?:<[^(]*>)?\(/;

function sources(): string[] {
  return readdirSync(join(shop, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `src/${name.replaceAll('\\', '/')}`);
}

describe('expected-mutations.json', () => {
  it('names every line of the shop that looks like a registration, and no other', () => {
    const found = sources().flatMap((file) =>
      readFileSync(join(shop, file), 'utf8')
        .split('\n')
        .flatMap((text, index) => {
          const verb = REGISTRATION.exec(text)?.[1];
          return verb === undefined ? [] : [`${file}:${index + 1} ${verb.toUpperCase()}`];
        }),
    );
    const listed = expected.map(({ file, line, method }) => `${file}:${line} ${method}`);

    expect(found.sort()).toEqual(listed.sort());
  });

  it('ends each path with what is written at the registration', () => {
    const wrong = expected.filter(({ file, line, path }) => {
      const text = readFileSync(join(shop, file), 'utf8').split('\n')[line - 1] ?? '';
      const leaf = /\(\s*'\/([^']*)'/.exec(text)?.[1];
      return leaf !== undefined && !path.endsWith(leaf);
    });

    expect(wrong).toEqual([]);
  });
});
