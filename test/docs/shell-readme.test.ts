import { runShellBlocks } from './run-shell.js';

runShellBlocks(['README.md']);
