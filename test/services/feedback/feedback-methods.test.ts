import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import t from 'tap';
import { startDaemon } from '../../fixtures/daemon.js';
import { say } from '../../fixtures/model-server.js';
import { scene } from '../../sessions/turn/support.js';

t.setTimeout(60_000);

/** The entries of a file that has only compressed ones, each behind its own head. */
function entriesOf(file: string): Record<string, string> {
  const zip = fs.readFileSync(file);
  const found: Record<string, string> = {};
  for (let at = 0; zip.readUInt32LE(at) === 0x04034b50;) {
    const [packed, length] = [zip.readUInt32LE(at + 18), zip.readUInt16LE(at + 26)];
    const from = at + 30 + length;
    found[zip.toString('utf8', at + 30, from)] = zlib.inflateRawSync(zip.subarray(from, from + packed)).toString();
    at = from + packed;
  }
  return found;
}

t.test('a report of a thread, without secrets, for its owner alone', async (t) => {
  const { daemon, home, threadId, turn } = await scene(t, {}, say('hello'));
  await daemon.call('account/login/start', { type: 'apiKey', apiKey: 'my-own-stored-key' });
  await turn('the key is my-own-stored-key and sk-0123456789abcdefghij');
  const log = path.join(home, 'extra.log');
  fs.writeFileSync(log, 'Bearer 0123456789');
  const savePath = path.join(home, 'report.zip');
  const asked = { savePath, classification: 'bug', reason: 'it broke', threadId, includeLogs: true, tags: { a: 'b' } };
  t.strictSame(await daemon.call('feedback/save', { ...asked, extraLogFiles: [log] }), {
    savedPath: savePath,
    threadId,
    promptHash: null,
  });
  t.equal(fs.statSync(savePath).mode & 0o777, 0o600);
  const entries = entriesOf(savePath);
  t.match(JSON.parse(entries['report.json'] ?? ''), {
    ...{ threadId, classification: 'bug', reason: 'it broke', tags: { a: 'b' } },
    program: { name: 'codexd' },
  });
  t.equal(entries['2-extra.log'], 'Bearer [REDACTED]');
  t.equal(Object.keys(entries).length, 4);
  t.match(Object.values(entries).join(), 'the key is [REDACTED] and [REDACTED]');
  t.notMatch(Object.values(entries).join(), /my-own-stored-key|sk-0123456789/);

  const save = (more: object) => daemon.call('feedback/save', { ...asked, includeLogs: false, ...more });
  await t.rejects(save({}), { message: /failed to save feedback: feedback save path already exists/ });
  await t.rejects(save({ savePath: 'report.zip' }), { message: /feedback savePath must be an absolute host path/ });
  const other = path.join(home, 'other.zip');
  await t.rejects(save({ savePath: path.join(home, 'none', 'a.zip') }), { message: /failed to save feedback: ENOENT/ });
  await t.rejects(save({ savePath: other, threadId: 'bad' }), { message: /invalid thread id: / });
  await t.rejects(save({ savePath: other, extraLogFiles: ['/none'] }), {
    message: /failed to save feedback: failed to read selected attachment \/none: /,
  });
  t.notOk(fs.existsSync(other));
  t.match((await save({ savePath: other, threadId: null })).threadId, /^no-active-thread-/);
});

t.test('an upload is refused by the configuration, or says in which file the report is', async (t) => {
  const refusing = await startDaemon({ config: '[feedback]\nenabled = false\n' });
  t.teardown(() => refusing.stop());
  await t.rejects((await refusing.connect()).request('feedback/upload', { classification: 'bug' }), {
    code: -32600,
    message: 'sending feedback is disabled by configuration',
  });
  t.notOk(fs.existsSync(path.join(refusing.home, 'feedback')));

  const daemon = await startDaemon();
  t.teardown(() => daemon.stop());
  await t.rejects((await daemon.connect()).request('feedback/upload', { classification: 'bug', reason: 'why' }), {
    code: -32603,
    message: /^failed to upload feedback: codexd sends nothing; the report is in .*feedback-[\w-]+\.zip$/,
  });
  const folder = path.join(daemon.home, 'feedback');
  const [file = ''] = fs.readdirSync(folder);
  t.equal(fs.statSync(path.join(folder, file)).mode & 0o777, 0o600);
  t.match(entriesOf(path.join(folder, file))['report.json'], '"reason": "why"');
});
