/** Where the package has `apply_patch` as a program for commands (scripts/patch-program.mjs makes the folder). */
import path from 'node:path';
import { packageRoot } from './package-root.js';

/** Its folder, absolute: wrappers with the program's names, what bash reads at its start, and the program itself. */
export const patchProgramFolder = (): string => path.join(packageRoot(), 'dist', 'patch-program');
