#!/usr/bin/env node
// Runs on the machine's own Node, which may be old: the program itself runs on the one that the project brings.
process.argv.splice(2, 0, 'server/src/main.ts')
await import('../../scripts/run.mjs')
