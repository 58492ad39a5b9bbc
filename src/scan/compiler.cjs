// CommonJS, since Node.js would read nine megabytes once more to learn the names that a module of this kind exports.
const common = require('@ts-morph/common');

// Plain properties: as exported, each is a getter, and the scan reads them all the time.
exports.ts = { ...common.ts };
exports.getLibFiles = common.getLibFiles;
