/**
 * Commands of PowerShell and cmd.exe that have several names.
 *
 * Threat: a rule forbids one name, and the script uses another one of the same command. Rule: a rule that forbids or
 * asks for one of them counts for all. Non-scope: other commands that do the same; aliases of the person's own.
 */
const GROUPS = [
  ['add-content', 'ac'],
  ['clear-content', 'clc'],
  ['copy-item', 'copy', 'cp', 'cpi'],
  ['get-childitem', 'dir', 'gci', 'ls'],
  ['get-content', 'cat', 'gc', 'type'],
  ['get-process', 'gps', 'ps'],
  ['invoke-restmethod', 'irm'],
  ['invoke-webrequest', 'curl', 'iwr', 'wget'],
  ['move-item', 'mi', 'move', 'mv'],
  ['new-item', 'md', 'mkdir', 'ni'],
  ['remove-item', 'del', 'erase', 'rd', 'ri', 'rm', 'rmdir'],
  ['rename-item', 'ren', 'rename', 'rni'],
  ['set-content', 'sc'],
  ['set-location', 'cd', 'chdir', 'sl'],
  ['stop-process', 'kill', 'spps'],
];

const NAMES: ReadonlyMap<string, readonly string[]> = new Map(
  GROUPS.flatMap((group) => group.map((name) => [name, group] as const)),
);

/** The command under each of its names; only itself if it has one. */
export const underAllNames = (words: readonly string[]): readonly (readonly string[])[] => {
  const [name = '', ...rest] = words;
  return (NAMES.get(name.toLowerCase()) ?? [name]).map((other) => [other, ...rest]);
};
