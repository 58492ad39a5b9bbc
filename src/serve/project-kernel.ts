import { createRequire } from 'node:module';
import { join } from 'node:path';
import { readTextIfPresent } from '../config/json-file.ts';
import type { Config } from '../config/load.ts';
import { outputFolder } from '../config/output-folder.ts';
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

/** `the same as in src/events`, or how it differs. */
export function describeKernel({
  output,
  installed,
  available,
  edited,
  missingFixes,
}: ProjectKernel): string {
  const difference = compareVersions(installed, available);
  const parts: string[] = [];
  if (difference !== 0) {
    parts.push(
      `${output} has that of evtgen ${installed}, this is ${difference < 0 ? 'the newer' : 'the older'} ${available}`,
    );
  }
  if (edited.length > 0) parts.push(`not with your edits of ${edited.join(', ')}`);
  if (missingFixes > 0) parts.push(`${output} lacks ${missingFixes} fixes: see evtgen generate --check`);
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
