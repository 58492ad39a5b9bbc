import { createRequire } from 'node:module';
import { join } from 'node:path';
import { readTextIfPresent } from '../config/json-file.ts';
import type { Config } from '../config/load.ts';
import { outputFolder } from '../generate/output-folder.ts';
import { gitBlobId } from '../generate/git-blob-id.ts';
import { compareVersions, kernelState } from '../generate/kernel-version.ts';
import { KERNEL_FIXES } from '../generate/kernel-fixes.ts';
import { manifestPath, parseManifest, type Manifest } from '../generate/manifest.ts';

/** How the kernel files of a project stand to those that serve runs. */
export interface ProjectKernel {
  /** Where they lie. */
  readonly output: string;
  /** evtgen that wrote the oldest of them; the running one is `available`. */
  readonly installed: string;
  readonly available: string;
  /** Files that say something else than was written, or are gone. */
  readonly edited: readonly string[];
  readonly missingFixes: number;
}

/**
 * Compares without a compiler, unless a file is not as it was written: then a formatter may have been over it.
 * @returns undefined where nothing was generated.
 * @throws EvtgenError when the manifest is broken.
 */
export async function compareKernel(root: string, config: Config): Promise<ProjectKernel | undefined> {
  const output = outputFolder(root, config);
  const file = manifestPath(output);
  const text = readTextIfPresent(join(root, file));
  if (text === undefined) return undefined;
  const manifest = parseManifest(file, text);
  const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
  const { installed, available, missingFixes } = kernelState(manifest, version, KERNEL_FIXES);
  if (installed === null) return undefined;
  const edited = await editedFiles(root, manifest);
  return { output, installed, available, edited, missingFixes: missingFixes.length };
}

/** What runs: that of evtgen or, with `--project`, theirs; and how the one differs from the other. */
export function describeKernel(kernel: ProjectKernel, isProject: boolean): string {
  const { output, installed, available, edited, missingFixes } = kernel;
  const difference = compareVersions(installed, available);
  const order = difference < 0 ? 'the newer' : 'the older';
  const names = edited.join(', ');
  const fixes =
    missingFixes === 0 ? [] : [`${output} lacks ${missingFixes} fixes: see evtgen generate --check`];
  if (isProject) {
    const version = difference === 0 ? [] : [`of evtgen ${installed}, while this is ${order} ${available}`];
    const edits = edited.length === 0 ? [] : [`with your edits of ${names}`];
    return [`yours in ${output}`, ...version, ...edits, ...fixes].join('; ');
  }
  const version =
    difference === 0 ? [] : [`${output} has that of evtgen ${installed}, this is ${order} ${available}`];
  const edits = edited.length === 0 ? [] : [`not with your edits of ${names} (--project runs yours)`];
  const parts = [...version, ...edits, ...fixes];
  return parts.length === 0 ? `the same as in ${output}` : parts.join('; ');
}

async function editedFiles(root: string, manifest: Manifest): Promise<string[]> {
  const edited: string[] = [];
  for (const [path, { owner, blob, ast }] of manifest) {
    if (owner !== 'A') continue;
    const text = readTextIfPresent(join(root, path));
    if (text !== undefined && gitBlobId(text) === blob) continue;
    if (text === undefined || (await hashOf(path, text)) !== ast) edited.push(path);
  }
  return edited;
}

async function hashOf(path: string, text: string): Promise<string> {
  const { astHash } = await import('../generate/ast-hash.ts');
  return astHash(path, text);
}
