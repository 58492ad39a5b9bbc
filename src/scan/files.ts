import { readdirSync, realpathSync, statSync, type Dirent, type Stats } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Larger files are generated or bundled; they are named in the report instead of parsed. */
const MAX_FILE_BYTES = 1_500_000;

/** Files that define tables and models. */
const SCHEMA_FILE = /\.(?:sql|prisma)$/;
const SOURCE_FILE = /\.(?:[cm]?[jt]s|[jt]sx)$/;
const NOT_A_SOURCE_FILE = /(?:\.d\.[cm]?ts|\.min\.js)$/;
const TEST_FILE = /\.(?:test|spec|stories|e2e-spec|bench)\.[cm]?[jt]sx?$/;
const NEVER_ENTERED = new Set(['node_modules', 'bower_components']);
/** Left out wherever they are. */
const TEST_FOLDERS = new Set(['__tests__', '__mocks__', '__fixtures__']);
/** Left out beside a package.json, where they cannot be a resource's folder. */
const BUILD_FOLDERS = new Set(['dist', 'build', 'out', 'coverage']);
/** Left out there and directly under `src`: `tests`, `e2e`, `test-utils`, `testHelpers`. */
const TEST_FOLDER =
  /^(?:tests?|e2e|cypress|(?:tests?|e2e)[-_]?(?:apps?|helpers?|servers?|setup|support|utils?))$/i;

export interface FoundFiles {
  /** Absolute paths of source files, sorted. */
  readonly files: readonly string[];
  /** The size of all these. */
  readonly bytes: number;
  /** Absolute paths of SQL and Prisma files, sorted: migrations are numbered. */
  readonly schemaFiles: readonly string[];
  /** Absolute paths of source files over `MAX_FILE_BYTES`. */
  readonly tooLarge: readonly string[];
}

/**
 * Lists the source files under a folder, without dependencies, build output and tests. Symlinked folders are
 * entered once; broken links and unreadable folders are passed over, as the project itself could not load them.
 */
export function findSourceFiles(root: string, isWanted: (relativePath: string) => boolean): FoundFiles {
  const files: string[] = [];
  let bytes = 0;
  const schemaFiles: string[] = [];
  const tooLarge: string[] = [];
  const entered = new Set<string>();
  const realRoot = realpathSync(root);

  const enter = (folder: string, real: string, isRoot: boolean, isSrc: boolean): void => {
    // A link to a folder around the root leads to all that lies beside it.
    if (entered.has(real) || (!isRoot && `${realRoot}/`.startsWith(real === '/' ? '/' : `${real}/`))) return;
    entered.add(real);
    const entries = entriesOf(folder);
    const isPackage = isRoot || entries.some((entry) => entry.name === 'package.json');
    for (const entry of entries) {
      const path = join(folder, entry.name);
      const isLink = entry.isSymbolicLink();
      const kind = isLink ? statsOf(path) : entry;
      if (kind?.isDirectory() === true) {
        if (!mayHaveSources(entry.name, isPackage)) continue;
        if (isTestFolder(entry.name, isPackage || isSrc)) continue;
        enter(
          path,
          isLink ? realpathSync(path) : join(real, entry.name),
          false,
          isPackage && entry.name === 'src',
        );
      } else if (kind?.isFile() === true && SCHEMA_FILE.test(entry.name)) {
        if (!isTooLarge(path)) schemaFiles.push(path);
      } else if (kind?.isFile() === true && isSourceFile(entry.name)) {
        if (!isWanted(relative(root, path).split(sep).join('/'))) continue;
        const size = statsOf(path)?.size;
        if (size === undefined) continue;
        if (size > MAX_FILE_BYTES) {
          tooLarge.push(path);
          continue;
        }
        files.push(path);
        bytes += size;
      }
    }
  };
  enter(root, realRoot, true, false);
  return { files: files.sort(), bytes, schemaFiles: schemaFiles.sort(), tooLarge: tooLarge.sort() };
}

/** Whether a file is generated, bundled, or data. */
export function isTooLarge(file: string): boolean {
  return (statsOf(file)?.size ?? 0) > MAX_FILE_BYTES;
}

/** The source files that `findSourceFiles` leaves out as tests; absolute paths. Links are not followed. */
export function findTestFiles(root: string): string[] {
  const enter = (folder: string, isTest: boolean, isSrc: boolean): string[] => {
    const entries = entriesOf(folder);
    const isPackage = folder === root || entries.some(({ name }) => name === 'package.json');
    return entries.flatMap((entry) => {
      const { name } = entry;
      const path = join(folder, name);
      if (entry.isFile()) return isCode(name) && (isTest || TEST_FILE.test(name)) ? [path] : [];
      if (!entry.isDirectory() || !mayHaveSources(name, isPackage)) return [];
      return enter(path, isTest || isTestFolder(name, isPackage || isSrc), isPackage && name === 'src');
    });
  };
  return enter(root, false, false);
}

function mayHaveSources(folderName: string, isInPackage: boolean): boolean {
  if (folderName.startsWith('.') || NEVER_ENTERED.has(folderName)) return false;
  return !isInPackage || !BUILD_FOLDERS.has(folderName);
}

function isTestFolder(name: string, isInPackageOrSrc: boolean): boolean {
  return TEST_FOLDERS.has(name) || (isInPackageOrSrc && TEST_FOLDER.test(name));
}

function isSourceFile(name: string): boolean {
  return isCode(name) && !TEST_FILE.test(name);
}

function isCode(name: string): boolean {
  return SOURCE_FILE.test(name) && !NOT_A_SOURCE_FILE.test(name);
}

/** Undefined for links that lead nowhere or in a circle. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** None of a folder that may not be read. */
export function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
