/** Bundled on its own (scripts/build.mjs): the daemon does not carry its client along. */
export { runExec } from './run-exec.js';
