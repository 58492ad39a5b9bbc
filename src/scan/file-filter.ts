/**
 * Whether a file, by its path relative to the root, takes part in a scan. Patterns are globs with `*`, `**`, `?`
 * and `{a,b}`; one that names a folder stands for all in it.
 */
export function createFileFilter(options: {
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
}): (relativePath: string) => boolean {
  const include = (options.include ?? []).map(globToRegExp);
  const exclude = (options.exclude ?? []).map(globToRegExp);
  return (path) =>
    (include.length === 0 || include.some((pattern) => pattern.test(path))) &&
    !exclude.some((pattern) => pattern.test(path));
}

function globToRegExp(glob: string): RegExp {
  const source = glob
    .replace(/^\.\//, '')
    .replace(/\/$/, '')
    .replaceAll(/\*\*\/|\*\*|\*|\?|\{[^}]*\}|[.+^$()|[\]\\]/g, (token) => {
      if (token === '**/') return '(?:.*/)?';
      if (token === '**') return '.*';
      if (token === '*') return '[^/]*';
      if (token === '?') return '[^/]';
      if (!token.startsWith('{')) return `\\${token}`;
      const choices = token.slice(1, -1).split(',');
      return `(?:${choices.map((choice) => choice.replaceAll(/[.+^$()|[\]\\]/g, '\\$&')).join('|')})`;
    });
  return new RegExp(`^${source}(?:/.*)?$`);
}
