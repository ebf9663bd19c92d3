/**
 * Completion scripts and the manual page, generated from the command specs. scripts/build.mjs makes a separate bundle
 * of it.
 */
import type { CommandSpec } from '../options/command-spec.js';
import { bashScript } from './bash.js';
import { fishScript } from './fish.js';
import { commandModels } from './command-model.js';
import { zshScript } from './zsh.js';
export { manPage } from './man-page.js';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** The completion script for one of the shells in completion-command.ts. */
export function completionScript(root: CommandSpec, shell: string): string {
  const make = SCRIPTS[shell as keyof typeof SCRIPTS];
  return make(commandModels(root));
}
