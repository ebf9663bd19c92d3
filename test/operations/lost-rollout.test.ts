/** What somebody else does to the file of a loaded thread: a restored backup, a cleaning tool, an editor. */
import fs from 'node:fs';
import t from 'tap';
import { startDaemon } from '../fixtures/daemon.js';
import { SAYS_YES, tape, told, turn } from './tape.js';

t.setTimeout(120_000);

const folder = fs.mkdtempSync('/var/tmp/codexd-lost-');
const daemon = await startDaemon({ config: tape(folder, [SAYS_YES, SAYS_YES, SAYS_YES]) });
t.teardown(async () => {
  await daemon.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});
const client = await daemon.connect();

/** A loaded thread with two turns, and its file. */
async function loaded(): Promise<{ readonly id: string; readonly file: string }> {
  const { thread } = await client.request('thread/start', {});
  for (let count = 0; count < 2; count++) await turn(client, thread.id);
  return { id: thread.id, file: thread.path! };
}
const isLoaded = async (id: string): Promise<boolean> =>
  (await client.request('thread/loaded/list', {})).data.includes(id);
/** Why a turn failed that could not be written down. */
async function failure(threadId: string): Promise<string> {
  const ended = told(client, 'turn/completed', threadId) as Promise<{ turn: { error: { message: string } | null } }>;
  await client.request('turn/start', { threadId, input: [{ type: 'text', text: 'again' }] });
  return (await ended).turn.error?.message ?? '';
}

/** The file's text without what follows the first turn. */
function firstTurnOf(file: string): string {
  const lines = fs.readFileSync(file, 'utf8').trimEnd().split('\n');
  const end = lines.findIndex((line) => line.includes('"task_complete"') || line.includes('"turn_complete"'));
  if (end < 0) throw new Error('no end of a turn');
  return `${lines.slice(0, end + 1).join('\n')}\n`;
}

const CASES: readonly [how: string, said: RegExp, change: (file: string) => void][] = [
  [
    'replaced',
    /was replaced while its thread was open/,
    (file) => {
      const text = firstTurnOf(file);
      fs.rmSync(file);
      fs.writeFileSync(file, text);
    },
  ],
  ['cut off', /was cut off while its thread was open/, (file) => fs.truncateSync(file, firstTurnOf(file).length)],
];
for (const [how, said, change] of CASES) {
  t.test(`a file that was ${how}: the thread is unloaded, and a resume continues with the current file`, async (t) => {
    const { id, file } = await loaded();
    change(file);
    const closed = told(client, 'thread/closed', id);
    t.match(await failure(id), said);
    await closed;
    t.notOk(await isLoaded(id));
    const { thread } = await client.request('thread/resume', { threadId: id });
    t.equal(thread.turns.length, 1);
    await turn(client, id);
    t.equal((await client.request('thread/read', { threadId: id, includeTurns: true })).thread.turns.length, 2);
  });

  t.test(`a file that was ${how}: a resume alone uses the current file`, async (t) => {
    const { id, file } = await loaded();
    change(file);
    const { thread } = await client.request('thread/resume', { threadId: id });
    t.equal(thread.turns.length, 1);
  });
}

t.test('a file that was removed: nothing is lost silently, and the thread is unloaded', async (t) => {
  const one = await loaded();
  fs.rmSync(one.file);
  const closed = told(client, 'thread/closed', one.id);
  t.match(await failure(one.id), /was removed while its thread was open/);
  await closed;
  t.notOk(await isLoaded(one.id));
  await t.rejects(client.request('thread/resume', { threadId: one.id }), /no rollout found/);

  const two = await loaded();
  fs.rmSync(two.file);
  await t.rejects(client.request('thread/archive', { threadId: two.id }), /no rollout found/);
  t.notOk(await isLoaded(two.id), 'archived or not, it is not loaded any more');

  const three = await loaded();
  fs.rmSync(three.file);
  await client.request('thread/delete', { threadId: three.id });
  t.notOk(await isLoaded(three.id));
});

t.test('a file that was moved unchanged stays the thread’s', async (t) => {
  const { id, file } = await loaded();
  fs.renameSync(file, `${file}.aside`);
  await turn(client, id);
  t.ok(await isLoaded(id));
});
