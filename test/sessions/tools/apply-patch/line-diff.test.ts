/** A diff is right if applying it to the old text gives the new one, whatever the budget allowed. */
import t from 'tap';
import { applyPatch } from 'diff';
import { createDiffBudget, lineHunks } from '../../../../server/sessions/tools/apply-patch/line-diff.js';

const applied = (before: string, hunks: string): string | false => applyPatch(before, `--- a\n+++ b\n${hunks}`);

t.test('hunks of small changes', async (t) => {
  const hunks = (before: string, now: string, context = 3): string =>
    lineHunks(before, now, context, createDiffBudget());
  t.equal(hunks('a\n', 'a\n'), '');
  t.equal(hunks('', 'a\nb\n'), '@@ -0,0 +1,2 @@\n+a\n+b\n');
  t.equal(hunks('a\n', ''), '@@ -1 +0,0 @@\n-a\n');
  t.equal(hunks('a\nb\nc\n', 'a\nB\nc\n', 0), '@@ -2 +2 @@\n-b\n+B\n');
  t.equal(
    hunks('a\nb', 'a\nc'),
    '@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n',
  );
});

t.test('random texts, with and without a budget', async (t) => {
  let seed = 11;
  const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  for (let round = 0; round < 200; round++) {
    const before = Array.from({ length: random(40) }, () => `${random(6)}\n`);
    const now = before.flatMap((line) =>
      random(4) === 0 ? [] : random(4) === 0 ? [line, `${random(6)} new\n`] : [line],
    );
    const [from, to] = [before.join(''), now.join('')];
    for (const left of [90_000, 0]) {
      const hunks = lineHunks(from, to, random(4), { left });
      t.equal(hunks === '' ? from : applied(from, hunks), to, `${round}, budget ${left}`);
    }
  }
});

t.test('large texts: the alike parts are not searched, and a large difference is one hunk', async (t) => {
  const lines = Array.from({ length: 40_000 }, (_, n) => `line ${n}\n`);
  const before = lines.join('');
  const changed = lines.map((line, n) => (n === 20_000 ? 'other\n' : line)).join('');
  const budget = createDiffBudget();
  const hunks = lineHunks(before, changed, 1, budget);
  t.equal(hunks, '@@ -20000,3 +20000,3 @@\n line 19999\n-line 20000\n+other\n line 20001\n');
  t.ok(budget.left > 80_000, 'a small difference costs little');
  const all = lines.map((line) => `new ${line}`).join('');
  const whole = lineHunks(before, all, 3, createDiffBudget());
  t.ok(whole.startsWith('@@ -1,40000 +1,40000 @@\n-line 0\n'));
  t.equal(applied(before, whole), all);
  for (const [from, to] of [
    [before, changed + changed],
    [changed, before.slice(0, -1)],
  ] as const)
    t.equal(applied(from, lineHunks(from, to, 3, createDiffBudget())), to);
});
