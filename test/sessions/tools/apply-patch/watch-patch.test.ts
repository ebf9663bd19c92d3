import t from 'tap';
import { watchPatch } from '../../../../server/sessions/tools/apply-patch/watch-patch.js';

function watched() {
  const told: { readonly atMs: number; readonly diffs: readonly string[] }[] = [];
  let nowMs = 1000;
  const events = {
    notify(method: string, params: { itemId: string; turnId: string; changes: readonly { diff: string }[] }) {
      t.equal(method, 'item/fileChange/patchUpdated');
      t.match(params, { threadId: 'T', turnId: 'U', itemId: 'call' });
      told.push({ atMs: nowMs, diffs: params.changes.map(({ diff }) => diff) });
    },
  };
  const context = { thread: { id: 'T', events }, turn: { id: 'U' } } as unknown as Parameters<typeof watchPatch>[1];
  const watch = watchPatch('call', context, () => nowMs);
  return { told, watch, pass: (ms: number) => (nowMs += ms) };
}

t.test('the first change is sent at once, the next ones twice a second, the last one at the end', async (t) => {
  const { told, watch, pass } = watched();
  watch.push('*** Begin Patch\n*** Add File: f\n');
  for (const line of ['+1\n', '+2\n', '+3\n', '+4\n', '+5\n', '+6\n']) {
    pass(200);
    watch.push(line);
  }
  watch.push('*** End Patch\n');
  watch.end();
  t.strictSame(told, [
    { atMs: 1000, diffs: [''] },
    { atMs: 1600, diffs: ['1\n2\n3\n'] },
    { atMs: 2200, diffs: ['1\n2\n3\n4\n5\n6\n'] },
  ]);
});

t.test('later changes are sent at the end of a patch, and nothing of an invalid patch', async (t) => {
  const whole = watched();
  whole.watch.push('*** Begin Patch\n*** Add File: f\n');
  whole.watch.push('+1\n*** End Patch');
  t.equal(whole.told.length, 1, 'it waits');
  whole.watch.end();
  t.strictSame(whole.told.at(-1)?.diffs, ['1\n']);
  const broken = watched();
  broken.watch.push('*** Begin Patch\n*** Add File: f\n');
  broken.watch.push('+1\nwhat is this\n*** End Patch\n');
  broken.watch.end();
  t.equal(broken.told.length, 1);
  const other = watched();
  other.watch.push('{"not":"a patch"}');
  other.watch.end();
  t.equal(other.told.length, 0);
});

t.test('a long patch is sent less often, so that the total is limited', async (t) => {
  const { told, watch, pass } = watched();
  watch.push('*** Begin Patch\n*** Add File: f\n');
  const line = `+${'x'.repeat(999)}\n`;
  const seconds = 60;
  for (let ms = 0; ms < seconds * 1000; ms += 100) {
    pass(100);
    if (ms / 100 < 500) watch.push(line);
  }
  const sent = told.reduce((sum, { diffs }) => sum + diffs.join('').length, 0);
  t.ok(told.length > 10, `${told.length} notifications`);
  t.ok(sent < seconds * 1000 * 100 + 500_000, `${sent} characters in ${seconds} s`);
});
