import { moduleSpecifier, specifierIn, type Dialect } from './dialect.ts';
import { header } from './header.ts';
import { isKernelFile, kernelClosure } from './kernel-files.ts';
import type { WantedFile } from './plan.ts';
import { render } from './render.ts';
import { localSpecifiers, OUTPUT_ALIAS, rewriteSpecifiers } from './specifiers.ts';

/** Makes the files of one run and remembers which kernel files they import. */
export interface Emission {
  readonly dialect: Dialect;
  /** The path of a file below the output folder, relative to the project. */
  inOutput(path: string): string;
  /** Fills a template; its imports are written `#events/kernel/emit.ts`, and come out as the project's style. */
  render(
    owner: WantedFile['owner'],
    path: string,
    template: string,
    data: Readonly<Record<string, unknown>>,
  ): WantedFile;
  /** Emits a binding that nothing rendered imports, and what it imports itself. */
  include(path: string): void;
  /** The kernel files and bindings that everything rendered or included so far needs. */
  kernel(): WantedFile[];
}

export function createEmission(output: string, dialect: Dialect, version: string): Emission {
  const entries = new Set<string>();
  const inOutput = (path: string): string => `${output}/${path}`;

  const specifierFrom = (path: string, specifier: string): string => {
    if (!specifier.startsWith(OUTPUT_ALIAS)) return specifierIn(dialect, specifier);
    return moduleSpecifier(dialect, path, inOutput(specifier.slice(OUTPUT_ALIAS.length)));
  };

  return {
    dialect,
    inOutput,

    render(owner, path, template, data) {
      const code = render(template, data);
      for (const specifier of localSpecifiers(code)) {
        const target = specifier.slice(OUTPUT_ALIAS.length);
        if (specifier.startsWith(OUTPUT_ALIAS) && isKernelFile(target)) entries.add(target);
      }
      const content =
        header(owner, version, dialect) + rewriteSpecifiers(code, (one) => specifierFrom(path, one));
      return { path, owner, source: `templates/${template}`, content };
    },

    include: (path) => void entries.add(path),

    kernel: () => kernelFiles(entries, output, dialect, version),
  };
}

/** The kernel files and bindings that the entries need, the entries among them, as they are written. */
export function kernelFiles(
  entries: Iterable<string>,
  output: string,
  dialect: Dialect,
  version: string,
): WantedFile[] {
  return kernelClosure(entries).map(({ path, text }) => {
    const render = (source: string, of: string): string =>
      header('A', of, dialect) + rewriteSpecifiers(source, (one) => specifierIn(dialect, one));
    return {
      path: `${output}/${path}`,
      owner: 'A',
      source: `src/${path}`,
      content: render(text, version),
      render,
    };
  });
}
