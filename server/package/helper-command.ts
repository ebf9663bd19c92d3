/** How the daemon starts its own helper programs: bundles of dist/ that run in a process of their own. */
import path from 'node:path';
import { nodeCommand, type OwnCommand } from './own-node.js';
import { packageRoot } from './package-root.js';

/** `dist/NAME.cjs`; scripts/build.mjs makes them. */
export type HelperName = 'sandbox-launcher' | 'sandbox-runner' | 'sandbox-canary';

/** The command line of a helper, which finds `args` in process.argv from its third word on. */
export const helperCommand = (name: HelperName, args: readonly string[] = []): OwnCommand =>
  nodeCommand(path.join(packageRoot(), 'dist', `${name}.cjs`), args);
