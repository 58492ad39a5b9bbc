import { existsSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';
import { loadBaseContract } from '../catalog/base-contract.ts';
import { loadCatalog, missingCatalog, type LoadedCatalog } from '../catalog/load.ts';
import { CATALOG_FILE } from '../catalog/paths.ts';
import { readTextIfPresent } from '../config/json-file.ts';
import { loadConfig } from '../config/load.ts';
import { outputFolder } from '../generate/output-folder.ts';
import { checkFolder } from '../generate/project.ts';
import { planGeneration } from '../generate/run.ts';
import { readProjectCode } from '../generate/wiring.ts';
import type { ScanReport } from '../scan/report.ts';
import { scanPackages } from '../scan/scan-packages.ts';
import { ExitCode } from '../ui/exit-code.ts';
import { shellWord } from '../ui/shell-word.ts';
import type { Terminal } from '../ui/terminal.ts';
import { breakingFindings } from './breaking-findings.ts';
import { contractFindings } from './contract-findings.ts';
import { driftFindings } from './drift-findings.ts';
import { levelOf, type Finding } from './finding.ts';
import { findHazards } from './hazards/find-hazards.ts';
import { lineInJson } from './json-lines.ts';
import { print, type ReportFormat } from './print.ts';
import type { CheckReport, PackageCheck } from './report.ts';
import { wiringFindings } from './wiring-findings.ts';

export interface CheckOptions {
  readonly dir: string;
  readonly format: ReportFormat;
  /** Warnings fail the check too. */
  readonly isStrict: boolean;
  /** What git calls the state whose contract subscribers know; undefined leaves it uncompared. */
  readonly base?: string | undefined;
}

/**
 * Runs `evtgen check`: whether code, catalog and generated files still say the same. Writes nothing.
 * @throws EvtgenError where there is no catalog, a broken one, or a project that `generate` does not support.
 */
export async function runCheck(
  { dir, format, isStrict, base }: CheckOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const root = resolve(terminal.cwd, dir);
  checkFolder(root);
  try {
    const checked = await checkPackages(root, dir, base, terminal);
    const isOk = !checked.findings.some((finding) => isStrict || levelOf(finding) === 'error');
    print({ ...checked, isOk }, format, terminal);
    return isOk ? ExitCode.done : ExitCode.findings;
  } finally {
    terminal.progress(null);
  }
}

async function checkPackages(
  root: string,
  dir: string,
  base: string | undefined,
  terminal: Terminal,
): Promise<Omit<CheckReport, 'isOk'>> {
  const { packages, report } = scanPackages(root, (folder) => ({
    ...loadConfig(folder).scan,
    onProgress: (text) => terminal.progress(`${text} …`),
  }));
  const withCatalog = packages.filter(({ folder }) => existsSync(join(root, folder, CATALOG_FILE)));
  if (withCatalog.length === 0) throw missingCatalog(root, dir);
  const checks: PackageCheck[] = [];
  for (const { folder, report: scanned } of withCatalog) {
    terminal.progress(`checking ${folder === '' ? 'the project' : folder} …`);
    checks.push(
      inFolder(folder, posix.join(dir, folder), await checkPackage(join(root, folder), scanned, base)),
    );
  }
  return {
    mutations: checks.flatMap(({ mutations }) => mutations),
    findings: checks.flatMap(({ findings }) => findings),
    notGenerated: checks.flatMap(({ notGenerated }) => notGenerated),
    unresolved: report.unresolved,
  };
}

async function checkPackage(
  root: string,
  scanned: ScanReport,
  base: string | undefined,
): Promise<PackageCheck> {
  const catalog = loadCatalog(root);
  const broken = base === undefined ? [] : await brokenSince(base, root, catalog);
  const { program, handlers, wiring } = readProjectCode(root);
  const hazards = findHazards(program, handlers);
  if (wiring === null) {
    const findings = [...broken, ...contractFindings(catalog, scanned, () => false), ...hazards];
    return { mutations: [], findings, notGenerated: [outputFolder(root, loadConfig(root))] };
  }
  const { changes } = await planGeneration(
    root,
    { dir: root, check: true, force: false, wire: false, wireAll: false, unwire: false, allowDirty: false },
    async (planned) => planned,
  );
  return {
    mutations: wiring.mutations,
    findings: [
      ...broken,
      ...contractFindings(catalog, scanned, (eventType) => wiring.emitted.has(eventType)),
      ...wiringFindings(wiring),
      ...driftFindings(changes),
      ...hazards,
    ],
    notGenerated: [],
  };
}

async function brokenSince(base: string, root: string, catalog: LoadedCatalog): Promise<Finding[]> {
  const before = await loadBaseContract(root, base);
  if (before === null) return [];
  const lineOf = (file: string, path: readonly string[]): number | undefined => {
    const text = readTextIfPresent(join(root, file));
    return text === undefined ? undefined : lineInJson(text, path);
  };
  return breakingFindings(before, catalog, lineOf, new Date().toISOString().slice(0, 10));
}

/**
 * The same with files as they lie from the checked folder.
 * @param dir the package's folder, as commands are to be given it
 */
function inFolder(
  folder: string,
  dir: string,
  { mutations, findings, notGenerated }: PackageCheck,
): PackageCheck {
  const place = (file: string): string => (folder === '' ? file : `${folder}/${file}`);
  return {
    mutations: mutations.map((mutation) => ({ ...mutation, file: place(mutation.file) })),
    findings: findings.map((finding) => ({
      ...finding,
      file: place(finding.file),
      fix: dir === '.' ? finding.fix : finding.fix.replaceAll(/"evtgen \w+/g, `$& ${shellWord(dir)}`),
    })),
    notGenerated: notGenerated.map(place),
  };
}
