import t from 'tap';
import { interpretRules } from '../../../server/config/rules/interpret.js';
import { matchCommand } from '../../../server/config/rules/match-command.js';
import type { RuleSet } from '../../../server/config/rules/rule-set.js';
import { WINDOWS_PATHS } from '../../../server/system/files/paths.js';

/** Rules as Windows reads them; the keys of `executables` are those that it makes there. */
function onWindows(text: string, executables: Readonly<Record<string, readonly string[]>> = {}) {
  const known = Object.entries(executables).map(
    ([name, places]) => [name, new Set(places.map(WINDOWS_PATHS.key))] as const,
  );
  const rules: RuleSet = { ...interpretRules(text, 'x.rules'), revision: '', executables: new Map(known) };
  return (argv: readonly string[]) => matchCommand(rules, argv, 'C:\\work', WINDOWS_PATHS)?.decision ?? null;
}

t.test('Windows: a denial holds for every spelling of the program', (t) => {
  const decide = onWindows(`
prefix_rule(pattern=["git", "push"], decision="forbidden")
prefix_rule(pattern=["C:/tools/x.exe"], decision="forbidden")
`);
  for (const program of ['git', 'GIT', 'git.exe', 'C:\\bin\\Git.EXE', 'c:/bin/git', '.\\git.cmd', 'bin\\git', 'C:git'])
    t.equal(decide([program, 'push']), 'forbidden', program);
  t.equal(decide(['git.exe', 'pull']), null);
  for (const program of ['C:\\tools\\x.exe', 'c:\\TOOLS\\X.EXE', '..\\tools\\x.exe', '\\\\?\\C:\\tools\\x.exe'])
    t.equal(decide([program]), 'forbidden', program);
  t.end();
});

t.test('Windows: an allowance needs the listed path, in any spelling', (t) => {
  const decide = onWindows('prefix_rule(pattern=["git"], decision="allow")', {
    git: ['C:\\Program Files\\Git\\git.exe'],
  });
  t.equal(decide(['git', 'status']), 'allow');
  t.equal(decide(['c:/program files/GIT/Git.exe', 'status']), 'allow');
  t.equal(decide(['C:\\work\\git.exe', 'status']), null);
  t.equal(decide(['git.exe', 'status']), null, 'a bare name counts as it is written');
  t.end();
});
