// One scan in a process of its own: node scan-driver.mjs FOLDER [--no-payloads]
import module from 'node:module';

// As the command does, and the compiler that it is compared with.
module.enableCompileCache?.();
const { scanProject } = await import('../../dist/scan/scan.js');
const [folder, flag] = process.argv.slice(2);
const { mutations, stats } = scanProject(folder, { payloads: flag !== '--no-payloads' });
process.stdout.write(
  `${JSON.stringify({
    ...stats,
    mutations: mutations.length,
    payloads: mutations.filter(({ payload }) => payload !== null).length,
    handlerFiles: [...new Set(mutations.flatMap(({ handler }) => handler?.file ?? []))].sort(),
    peakMb: process.resourceUsage().maxRSS / 1024,
  })}\n`,
);
