import { documents } from './fences.js';
import { runShellBlocks } from './run-shell.js';

runShellBlocks(documents().filter((document) => document !== 'README.md'));
