/** `codexd threads`, `archive`, `unarchive`, `delete` and `queue`, as programs, alone and beside a daemon. */
import fs from 'node:fs';
import t from 'tap';
import { startDaemon } from '../fixtures/daemon.js';
import { say, startModelServer } from '../fixtures/model-server.js';
import { codexd, scratch, scriptedConfig } from '../fixtures/program.js';

t.setTimeout(240_000);

const idIn = (stderr: string): string => /session id: (\S+)/.exec(stderr)?.[1] ?? '';

t.test('a session is listed, shown, archived, unarchived and deleted', async (t) => {
  const model = await startModelServer(say('first answer'), say('second \u001b[31manswer'));
  t.teardown(() => model.close());
  const places = scratch(t, scriptedConfig(model.url));
  const run = (...args: string[]) => codexd(places, args);
  t.match(await run('threads', 'list'), { code: 0, stdout: '', stderr: 'There is no such session.\n' });
  const first = idIn((await run('exec', '--skip-git-repo-check', 'about the parser')).stderr);
  const second = idIn((await run('exec', '--skip-git-repo-check', 'about the printer')).stderr);
  const list = await run('threads', 'list');
  t.match(list.stdout, /^ID +UPDATED +FOLDER +SESSION\n/);
  t.match(list.stdout.split('\n')[1], new RegExp(`^${second} +[-0-9]+ [0-9:]+ +${places.work} +about the printer$`));
  t.match(list.stdout.split('\n')[2], first);
  const json = JSON.parse((await run('threads', 'list', '--json', '--search', 'parser')).stdout) as { id: string }[];
  t.strictSame(
    json.map(({ id }) => id),
    [first],
  );
  t.equal((await run('threads', 'list', '--limit', '1')).stdout.trim().split('\n').length, 2);
  t.match(await run('threads', 'list', '--cwd', places.home), { stdout: '' });
  // Both ids begin alike: they were made in one minute.
  t.match(await run('threads', 'show', first.slice(0, 4)), { code: 1, stderr: /2 active sessions match/ });
  const shown = await run('threads', 'show', first.slice(0, -1));
  t.match(shown, { code: 0, stdout: /folder: .*\n[^]*\nuser\nabout the parser\n\ncodex\nfirst answer\n/ });
  t.match(JSON.parse((await run('threads', 'show', '--json', first)).stdout), { id: first, turns: [{}] });

  t.strictSame(await run('archive', first), { code: 0, stdout: `Archived session ${first}.\n`, stderr: '' });
  t.notMatch((await run('threads', 'list')).stdout, first);
  t.match((await run('threads', 'list', '--archived')).stdout, first);
  t.match(await run('archive', first), { code: 1, stderr: /^Error: / });
  t.strictSame(await run('threads', 'unarchive', first.slice(0, -2)), {
    code: 0,
    stdout: `Unarchived session ${first}.\n`,
    stderr: '',
  });
  t.match(await run('delete', first), { code: 1, stderr: /cannot confirm session deletion without .*--yes/ });
  t.match(await run('delete', '--force', 'a name'), { code: 1, stderr: /--force requires a session UUID/ });
  t.match(await run('threads', 'delete', '-y', 'nobody'), {
    code: 1,
    stderr: "Error: No active session found matching 'nobody'.\n",
  });
  t.match((await run('threads', 'list')).stdout, first, 'still there');
  t.strictSame(await run('delete', '--force', first), { code: 0, stdout: `Deleted session ${first}.\n`, stderr: '' });
  t.notMatch((await run('threads', 'list')).stdout, first);
});

t.test('a session that is open in a daemon is locked, and --remote reaches that daemon', async (t) => {
  const model = await startModelServer(say('one'), say('two'));
  t.teardown(() => model.close());
  const daemon = await startDaemon({ config: scriptedConfig(model.url) });
  t.teardown(() => daemon.stop());
  const places = { ...scratch(t, ''), home: daemon.home };
  const run = (...args: string[]) => codexd(places, args);
  const client = await daemon.connect();
  const { thread } = await client.request('thread/start', { cwd: daemon.work });
  const done = new Promise<void>((resolve) => void client.onNotification('turn/completed', () => resolve()));
  const input = [{ type: 'text' as const, text: 'hello', text_elements: [] }];
  await client.request('turn/start', { threadId: thread.id, input });
  await done;
  await client.request('thread/name/set', { threadId: thread.id, name: 'my work' });
  t.match((await run('threads', 'list')).stdout, /my work/);
  const refused = await run('archive', 'my work');
  t.match(refused, { code: 1, stderr: /--remote/ }, refused.stderr);
  t.ok(fs.existsSync(thread.path ?? ''), 'the file stays where it is');
  t.match(await run('queue', '--remote', daemon.url, '--thread', 'my work', '--message', 'more'), {
    code: 0,
    stdout: `Queued message for session ${thread.id}.\n`,
  });
  t.match(await run('archive', '--remote', daemon.url, 'my work'), { code: 0 });
  await client.close();
});
