// CommonJS, since Node.js would read nine megabytes once more to learn the names that a module of this kind exports.
// Plain properties: as exported, each is a getter, and the scan reads them all the time.
exports.ts = { ...require('ts-morph').ts };
exports.getLibFiles = () => require('@ts-morph/common').getLibFiles();
