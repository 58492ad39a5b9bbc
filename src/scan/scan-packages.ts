import { existsSync, realpathSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { CATALOG_FILE } from '../catalog/paths.ts';
import { EvtgenError } from '../ui/errors.ts';
import { byLibrary } from './other-interfaces.ts';
import type { Mutation, ScanReport, Unresolved } from './report.ts';
import { scanProject, type ScanOptions } from './scan.ts';
import { unresolvedAt } from './unresolved.ts';
import { findWorkspace, manifestFile } from './workspace.ts';

/** One package and what was found in it; its files are relative to its own folder. */
export interface ScannedPackage {
  /** Relative to the scanned folder, with forward slashes; empty for that folder itself. */
  readonly folder: string;
  readonly report: ScanReport;
}

export interface PackagesScan {
  /** All packages in one; files are relative to the scanned folder. */
  readonly report: ScanReport;
  /** Those that register mutations or have a catalog of some; the scanned folder alone where it is no monorepo's root. */
  readonly packages: readonly ScannedPackage[];
}

/**
 * Scans a folder. At the root of a monorepo every package is scanned by itself, so that the global prefix, the
 * framework and the names of one say nothing of another.
 * @param optionsOf the scan options of a package, by its absolute folder.
 * @throws EvtgenError as `scanProject` does for the folder itself.
 */
export function scanPackages(root: string, optionsOf: (folder: string) => ScanOptions): PackagesScan {
  const parts = partsOf(root, optionsOf);
  const [only] = parts;
  if (only !== undefined && parts.length === 1 && only.path === '') {
    const report = scanProject(root, only.options);
    return { report, packages: [{ folder: '', report }] };
  }
  const realRoot = realpathSync(root);
  const unread: Unresolved[] = [];
  const scanned = parts.flatMap(({ root: folder, path, options }): ScannedPackage[] => {
    try {
      return [{ folder: path, report: scanProject(folder, options) }];
    } catch (error) {
      if (folder === realRoot || !(error instanceof EvtgenError)) throw error;
      unread.push(unresolvedAt(`${path}/package.json`, 1, `package_not_read: ${error.message}`));
      return [];
    }
  });
  const packages = withoutRoutesOfOthers(scanned);
  return {
    report: joined(realRoot, packages, unread),
    packages: packages.filter(
      ({ folder, report }) => report.mutations.length > 0 || existsSync(join(realRoot, folder, CATALOG_FILE)),
    ),
  };
}

/** What is scanned by itself: the folder, or each package of the monorepo whose root it is. */
export interface ScanPart {
  /** Absolute. */
  readonly root: string;
  /** Relative to the scanned folder, with forward slashes; empty for that folder itself. */
  readonly path: string;
  readonly options: ScanOptions;
}

export function partsOf(root: string, optionsOf: (folder: string) => ScanOptions): ScanPart[] {
  const folders = packageFolders(root);
  if (folders.length === 0) return [{ root, path: '', options: optionsOf(root) }];
  const realRoot = realpathSync(root);
  // The root of a monorepo need not be a package itself: Nx runs without one.
  const own = manifestFile(realRoot) === undefined ? [] : [realRoot];
  return [...own, ...folders].map((folder) => ({
    root: folder,
    path: relative(realRoot, folder).split(sep).join('/'),
    options: apart(folder, folders, optionsOf(folder)),
  }));
}

/** The packages of the monorepo whose root a folder is; what lies in a package belongs to it. */
function packageFolders(root: string): string[] {
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const workspace = findWorkspace(realpathSync(root));
  if (!workspace.isMonorepo || workspace.root !== realpathSync(root)) return [];
  const found: string[] = [];
  for (const { folder } of workspace.packages()) {
    if (folder !== workspace.root && !found.some((other) => folder.startsWith(other + sep)))
      found.push(folder);
  }
  return found;
}

/** The root's own package is what no other package holds. */
function apart(folder: string, folders: readonly string[], options: ScanOptions): ScanOptions {
  const inner = folders
    .filter((other) => other.startsWith(folder + sep))
    .map((other) => relative(folder, other).split(sep).join('/'));
  return inner.length === 0 ? options : { ...options, exclude: [...(options.exclude ?? []), ...inner] };
}

/** A router that another package mounts is known there in full; alone it would be listed without its prefix. */
function withoutRoutesOfOthers(packages: readonly ScannedPackage[]): ScannedPackage[] {
  const complete = new Set<string>();
  for (const { folder, report } of packages) {
    for (const mutation of report.mutations) if (!mutation.partial) complete.add(placeOf(folder, mutation));
  }
  const lines = new Set([...complete].map((place) => place.slice(place.indexOf(' ') + 1)));
  return packages.map(({ folder, report }) => ({
    folder,
    report: {
      ...report,
      mutations: report.mutations.filter(
        (mutation) => !mutation.partial || !complete.has(placeOf(folder, mutation)),
      ),
      unresolved: report.unresolved.filter(
        ({ file, line, reason }) =>
          !reason.startsWith('unknown_router') || !lines.has(`${join(folder, file)}:${line}`),
      ),
    },
  }));
}

function placeOf(folder: string, { method, file, line }: Mutation): string {
  return `${method} ${join(folder, file)}:${line}`;
}

function joined(
  root: string,
  packages: readonly ScannedPackage[],
  unread: readonly Unresolved[],
): ScanReport {
  const at = (folder: string, file: string): string => join(folder, file).split(sep).join('/');
  const reports = packages.map(({ report }) => report);
  const sum = (read: (report: ScanReport) => number): number =>
    reports.reduce((total, report) => total + read(report), 0);
  const others = byLibrary(
    packages.flatMap(({ folder, report }) =>
      (report.otherInterfaces ?? []).map((item) => ({ ...item, file: at(folder, item.file) })),
    ),
  );
  return {
    schemaVersion: 1,
    root,
    frameworks: [...new Set(reports.flatMap(({ frameworks }) => frameworks))].sort(),
    orm: reports.find(({ orm, mutations }) => orm !== null && mutations.length > 0)?.orm ?? null,
    mutations: packages.flatMap(({ folder, report }) =>
      report.mutations.map((mutation) => ({
        ...mutation,
        package: folder,
        file: at(folder, mutation.file),
        ...(mutation.handler === undefined
          ? {}
          : { handler: { ...mutation.handler, file: at(folder, mutation.handler.file) } }),
      })),
    ),
    unresolved: [
      ...unread,
      ...packages.flatMap(({ folder, report }) =>
        report.unresolved.map((item) => ({ ...item, file: at(folder, item.file) })),
      ),
    ],
    ...(others.length === 0 ? {} : { otherInterfaces: others }),
    stats: {
      files: sum(({ stats }) => stats.files),
      parsed: sum(({ stats }) => stats.parsed),
      durationMs: sum(({ stats }) => stats.durationMs),
    },
  };
}
