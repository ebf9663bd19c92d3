/** Files that the model names: read and written within the turn's permissions, by a real daemon in a real sandbox. */
import fs from 'node:fs';
import path from 'node:path';
import { execaSync } from 'execa';
import t, { type Test } from 'tap';
import type { RequestParams } from '../../schema/registry.js';
import { startDaemon } from '../fixtures/daemon.js';
import { modelConfig } from '../fixtures/model-config.js';
import { event, say, startModelServer } from '../fixtures/model-server.js';

/** A picture of one point. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const calls = (...made: object[]): readonly object[] => [event.created(), ...made.map(event.done), event.completed()];
const patch = (body: string): string => `apply_patch <<'EOF'\n*** Begin Patch\n${body}\n*** End Patch\nEOF`;

interface Scene {
  readonly work: string;
  readonly home: string;
  /** What the person was shown. */
  readonly asked: { readonly reason?: string | null }[];
  /** Runs one turn and answers the outputs of its calls, by call id. */
  turn(...made: object[]): Promise<ReadonlyMap<string, string>>;
}

async function scene(
  t: Test,
  config: (text: string) => string,
  settings: Partial<Pick<RequestParams<'thread/start'>, 'approvalPolicy' | 'sandbox'>> = {},
  beforeAnswer = () => {},
): Promise<Scene> {
  const model = await startModelServer();
  const daemon = await startDaemon({ config: config(modelConfig(model.url)) });
  t.teardown(async () => {
    await daemon.stop();
    await model.close();
  });
  const client = await daemon.connect();
  const asked: { readonly reason?: string | null }[] = [];
  client.onRequest('item/fileChange/requestApproval', (params) => {
    asked.push(params);
    beforeAnswer();
    return { decision: 'acceptForSession' };
  });
  const { thread } = await client.request('thread/start', { cwd: daemon.work, ...settings });
  return {
    work: daemon.work,
    home: daemon.home,
    asked,
    async turn(...made) {
      const before = model.requests.length;
      model.push(calls(...made), say('done'));
      const ended = new Promise<void>((resolve) => {
        const stop = client.onNotification('turn/completed', () => {
          stop();
          resolve();
        });
      });
      await client.request('turn/start', { threadId: thread.id, input: [{ type: 'text', text: 'go' }] });
      await ended;
      const input = model.requests.at(-1)?.body.input as readonly { call_id?: string; output?: unknown }[];
      t.equal(model.requests.length, before + 2, 'the outputs were sent');
      return new Map(
        input.flatMap(({ call_id: id, output }) =>
          id === undefined || output === undefined
            ? []
            : [[id, typeof output === 'string' ? output : JSON.stringify(output)] as const],
        ),
      );
    },
  };
}

const PROFILE = `
[permissions.careful.filesystem]
":root" = "read"
[permissions.careful.filesystem.":workspace_roots"]
"." = "write"
"private" = "deny"
"**/*.env" = "deny"
`;
const careful = (text: string): string =>
  `default_permissions = "careful"\n${text.replace('sandbox_mode = "read-only"\n', '')}${PROFILE}`;

t.test('images and patches contain only what commands of the turn can read', async (t) => {
  const { work, home, turn } = await scene(t, careful);
  fs.mkdirSync(path.join(work, 'private'));
  for (const name of ['seen.png', 'private/face.png', 'face.env']) fs.writeFileSync(path.join(work, name), PNG);
  fs.writeFileSync(path.join(home, 'face.png'), PNG);
  fs.writeFileSync(path.join(work, 'keys.env'), 'TOKEN=secret\n');
  fs.symlinkSync('private/face.png', path.join(work, 'link.png'));
  const view = (file: string, id: string): object => event.call('view_image', { path: file }, id);
  const outputs = await turn(
    view('seen.png', 'seen'),
    view('private/face.png', 'folder'),
    view('link.png', 'link'),
    view('face.env', 'glob'),
    view(path.join(home, 'face.png'), 'home'),
    view('nothing.png', 'missing'),
    view('.', 'directory'),
    event.call('exec_command', { cmd: patch('*** Update File: keys.env\n*** Move to: copy.txt\n+x') }, 'moved'),
    event.call('exec_command', { cmd: patch('*** Update File: private/face.png\n+x') }, 'updated'),
  );
  t.match(outputs.get('seen'), /data:image\/png;base64/);
  for (const id of ['folder', 'link', 'glob', 'home', 'missing'])
    t.match(outputs.get(id), /^unable to locate image at /, id);
  t.match(outputs.get('missing'), /No such file or directory \(os error 2\)$/);
  t.match(outputs.get('directory'), /is not a file$/);
  t.match(outputs.get('moved'), /^apply_patch verification failed: Failed to read file to update /);
  t.match(outputs.get('updated'), /^apply_patch verification failed: Failed to read file to update /);
  t.notOk(fs.existsSync(path.join(work, 'copy.txt')));
  for (const output of outputs.values()) t.notMatch(output, /secret/);
});

t.test('a pipe is neither an image nor a file to patch, and nothing waits for its writer', async (t) => {
  const { work, turn } = await scene(t, careful);
  execaSync('mkfifo', [path.join(work, 'pipe')]);
  const outputs = await turn(
    event.call('view_image', { path: 'pipe' }, 'image'),
    event.call('exec_command', { cmd: patch('*** Update File: pipe\n+x') }, 'patch'),
  );
  t.match(outputs.get('image'), /is not a file$/);
  t.match(outputs.get('patch'), /is not a file$/);
});

const asConfigured = (text: string): string => text;
const ASKING = { approvalPolicy: 'untrusted', sandbox: 'workspace-write' } as const;

t.test('an approved change inside is written in the sandbox: a later link has no effect', async (t) => {
  let work = '';
  const outside = fs.mkdtempSync('/var/tmp/codexd-outside-');
  t.teardown(() => fs.rmSync(outside, { recursive: true }));
  const s = await scene(t, asConfigured, ASKING, () => {
    fs.rmSync(path.join(work, 'sub'), { recursive: true });
    fs.symlinkSync(outside, path.join(work, 'sub'));
  });
  ({ work } = s);
  fs.mkdirSync(path.join(work, 'sub'));
  const outputs = await s.turn(event.call('exec_command', { cmd: patch('*** Add File: sub/planted\n+x') }, 'add'));
  t.equal(s.asked.length, 1);
  t.match(outputs.get('add'), /apply_patch failed: Failed to write file .*Read-only file system/);
  t.same(fs.readdirSync(outside), []);
});

t.test('an approved change outside is written where its path led when it was approved', async (t) => {
  const outside = fs.mkdtempSync('/var/tmp/codexd-outside-');
  t.teardown(() => fs.rmSync(outside, { recursive: true }));
  for (const name of ['one', 'two']) fs.mkdirSync(path.join(outside, name));
  const [one, two] = ['one', 'two'].map((name) => path.join(outside, name, 'file'));
  fs.writeFileSync(one!, 'a\n');
  fs.writeFileSync(two!, 'a\n');
  let exchange = (): void => {};
  const s = await scene(t, asConfigured, ASKING, () => exchange());
  const link = path.join(s.work, 'link');
  fs.symlinkSync(path.join(outside, 'one'), link);
  exchange = () => {
    fs.rmSync(link);
    fs.symlinkSync(path.join(outside, 'two'), link);
  };
  const add = (id: string, body: string): object => event.call('exec_command', { cmd: patch(body) }, id);
  const first = await s.turn(add('first', '*** Update File: link/file\n-a\n+b'));
  t.match(first.get('first'), /^Wall time: .*\nOutput:\nExit code: 0/);
  t.match(s.asked, [{ reason: `${path.join(link, 'file')} leads to ${one}` }], 'the person is told where it leads');
  t.equal(fs.readFileSync(one!, 'utf8'), 'b\n', 'what was shown was changed');
  t.equal(fs.readFileSync(two!, 'utf8'), 'a\n', 'what the link was turned to was not');

  exchange = () => {};
  await s.turn(add('second', '*** Update File: link/file\n-a\n+c'));
  t.equal(s.asked.length, 2, 'the same path leads to another file now, and is asked about again');
  t.equal(fs.readFileSync(two!, 'utf8'), 'c\n');
  await s.turn(add('third', '*** Update File: link/file\n-c\n+d'));
  t.equal(s.asked.length, 2, 'this one was approved for the session');
  await s.turn(add('fourth', '*** Delete File: link/file'));
  t.equal(fs.existsSync(two!), false);
});
