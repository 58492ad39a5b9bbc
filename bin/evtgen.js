#!/usr/bin/env node
import module from 'node:module';

// Since version 22.8 Node.js keeps what it compiled for the next start.
module.enableCompileCache?.();
import('../dist/cli.js').then(({ main }) => main(process.argv));
