/** `codexd hooks list`. */
import { listed } from '../../hooks/discover/discover-hooks.js';
import { isGiven, type ParsedCommand } from '../options/command-spec.js';
import { print } from '../output/print.js';
import { terminalText } from '../output/terminal-text.js';
import { hooksOfFolder } from './hooks-of-folder.js';
import { hookText } from './hook-text.js';

/** Throws StartError. Exits with 1 if the administrator requires a hook that cannot run. */
export function showHooks(parsed: ParsedCommand): number {
  const { source, set } = hooksOfFolder(parsed);
  if (isGiven(parsed, 'json')) print(`${JSON.stringify(listed(source.sources.cwd, set), null, 2)}\n`);
  else if (set.hooks.length === 0) print('No hooks are configured for this folder.\n');
  else print(terminalText(set.hooks.map(hookText).join(''), process.stdout));
  for (const warning of set.warnings) say(`warning: ${warning}`);
  for (const failure of set.failures) say(`no thread runs here: ${failure}`);
  return set.failures.length === 0 ? 0 : 1;
}

const say = (line: string): void => void process.stderr.write(`${terminalText(line, process.stderr)}\n`);
