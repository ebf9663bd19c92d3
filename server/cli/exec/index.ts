/**
 * The entry of `codexd exec`. scripts/build.mjs makes a separate bundle of it, so that the daemon does not contain the
 * client.
 */
export { runExec } from './run-exec.js';
