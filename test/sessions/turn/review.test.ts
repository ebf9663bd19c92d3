/** A review and its thread: approvals are valid in both, and the reviewer's messages stay in the review. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { event, say } from '../../fixtures/model-server.js';
import { calls, run, scene, type Scene } from './support.js';

const patch = (body: string): string => `apply_patch <<'EOF'\n*** Begin Patch\n${body}\n*** End Patch\nEOF`;
const ASK = /requestApproval$/;

/**
 * Runs the calls, one per answer, in a review or a turn; every question gets the answer. Returns the number of
 * questions.
 */
async function go(
  s: Scene,
  kind: 'review' | 'turn',
  made: readonly (readonly object[])[],
  answer: object | null,
): Promise<number> {
  const from = s.daemon.messages.length;
  s.model.push(...made, say('ended'));
  const { threadId } = s;
  const target = { type: 'custom', instructions: 'look at it' };
  const begun =
    kind === 'review' ? (await s.daemon.call('review/start', { threadId, target })).turn : await s.begin('go');
  let asked = 0;
  for (let at = from; ;) {
    const next = await s.daemon.next(
      ({ method, params }) =>
        ASK.test(method ?? '') || (method === 'turn/completed' && params.turn.id === (begun as { id: string }).id),
      at,
    );
    if (next.method === 'turn/completed') return asked;
    asked++;
    at = s.daemon.messages.indexOf(next) + 1;
    s.daemon.answer(next.id!, (answer ?? { error: { code: -1, message: 'no' } }) as never);
  }
}

const forSession = { result: { decision: 'acceptForSession' } };

t.test('a command that was approved for the session is not asked about again, in a review or after it', async (t) => {
  const s = await scene(t, { start: { approvalPolicy: 'untrusted' } });
  t.equal(await go(s, 'turn', [calls(run('echo one', 'a'))], forSession), 1);
  t.equal(await go(s, 'review', [calls(run('echo one', 'b')), calls(run('echo two', 'c'))], forSession), 1);
  t.equal(await go(s, 'turn', [calls(run('echo two', 'd'), run('echo one', 'e'))], null), 0);
  t.match(s.outputs().d, /Output:\ntwo/);
});

t.test('the same for a file of a patch; the diff of a review is reported once more at its end', async (t) => {
  const s = await scene(t, { start: { approvalPolicy: 'on-request', sandbox: 'read-only' } });
  const change = (id: string, body: string) => calls(run(patch(body), id));
  const from = s.daemon.messages.length;
  t.equal(await go(s, 'review', [change('a', '*** Add File: f\n+1')], forSession), 1);
  t.same(
    s.notes('turn/diff/updated', from).map(({ diff }) => /\+1/.test(diff)),
    [true, true],
    'behind the patch, and once more',
  );
  const told = s.daemon.messages.map(({ method, params }) => params?.item?.type ?? method);
  t.ok(told.lastIndexOf('turn/diff/updated') < told.indexOf('exitedReviewMode'), 'before the closing items');
  t.equal(await go(s, 'turn', [change('b', '*** Update File: f\n@@\n-1\n+2')], null), 0);
  t.equal(fs.readFileSync(path.join(s.work, 'f'), 'utf8'), '2\n');
});

t.test('the same for permissions of the session; those of the turn end with the review', async (t) => {
  const config = { 'features.request_permissions_tool': true };
  const s = await scene(t, { start: { approvalPolicy: 'on-request', sandbox: 'read-only', config } });
  const folder = path.resolve(s.work, '..', 'outside');
  fs.mkdirSync(folder);
  const ask = (id: string): object =>
    event.call('request_permissions', { permissions: { file_system: { write: [folder] } } }, id);
  const write = (name: string): object => run(`echo x > ${folder}/${name}`, name);
  const granted = (scope: string) => ({
    result: { permissions: { fileSystem: { read: null, write: [folder] }, network: null }, scope },
  });
  const there = (name: string): boolean => fs.existsSync(path.join(folder, name));
  t.equal(await go(s, 'review', [calls(ask('r1')), calls(write('w1'))], granted('turn')), 1);
  t.ok(there('w1'), 'in the review');
  await go(s, 'turn', [calls(write('w2'))], null);
  t.notOk(there('w2'));
  await go(s, 'review', [calls(ask('r2'))], granted('session'));
  await go(s, 'turn', [calls(write('w3'))], null);
  t.ok(there('w3'), 'in the thread behind it');
  await go(s, 'review', [calls(write('w4'))], null);
  t.ok(there('w4'), 'and in the next review');
});

t.test('a command that continues after the review belongs to the thread', async (t) => {
  const s = await scene(t, { start: { approvalPolicy: 'never', sandbox: 'danger-full-access' } });
  const started = run('read line; echo got $line', 'a', { tty: true, yield_time_ms: 250 });
  await go(s, 'review', [calls(started)], null);
  const { processId } = s.notes('item/started').find(({ item }) => item.id === 'a').item as { processId: string };
  const input = { session_id: Number(processId), chars: 'on\n', yield_time_ms: 5000 };
  await go(s, 'turn', [calls(event.call('write_stdin', input, 'w'))], null);
  t.match(s.outputs().w, /got on/);
});

t.test('the reviewer’s messages are neither shown nor stored; the result is', async (t) => {
  const s = await scene(t, { start: { approvalPolicy: 'never' } });
  s.model.push(calls(event.message('a thought of the reviewer'), run('echo looked', 'a')), say('the result'));
  const { turn } = await s.daemon.call('review/start', {
    threadId: s.threadId,
    target: { type: 'custom', instructions: 'look at it' },
  });
  await s.ended(turn.id as string);
  t.same(
    s.items('exitedReviewMode').map(({ review }) => review),
    ['the result'],
  );
  t.same(
    s.items('agentMessage').map(({ text }) => text),
    ['the result'],
  );
  t.match(s.items('commandExecution'), [{ id: 'a', status: 'completed' }], 'commands are shown');
  await go(s, 'turn', [], null);
  const read = JSON.stringify(s.input());
  t.match(read, /the result/);
  t.notMatch(read, /a thought of the reviewer/);
  t.notMatch(read, /looked/);
});
