/** `--socket-group`: which other users may connect to the unix socket. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import t from 'tap';
import { packageRoot } from '../../server/package/package-root.js';
import { groupId } from '../../server/system/programs/groups.js';
import { sharedSocketsFolder } from '../../server/system/files/scratch.js';
import { runToEnd, startChild } from '../fixtures/programs.js';

t.setTimeout(120_000);

const root = process.getuid?.() === 0;
const setpriv = runToEnd('setpriv', ['--version']).exitCode === 0;
const skip = (!root || !setpriv) && 'needs root and setpriv to be other users';
if (skip) t.comment(`SKIPPED: ${skip}, so nobody tried the socket as another user`);

const program = path.join(packageRoot(), 'bin', 'codexd.cjs');
const GROUP = 54_321;

/** Connects as another user; prints 0 when that is allowed. */
const connectAs = (user: number, group: number, socket: string): string => {
  const script = `require('node:net').connect(process.argv[1]).on('connect', () => process.exit(0)).on('error', (e) => { console.log(e.code); process.exit(1) })`;
  const ids = [`--reuid=${user}`, `--regid=${group}`, '--clear-groups'];
  const { exitCode, stdout } = runToEnd('setpriv', [...ids, process.execPath, '-e', script, socket], {
    cwd: '/',
  });
  return exitCode === 0 ? 'connected' : stdout.trim();
};

async function listening(args: readonly string[]) {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-group-home-'));
  const daemon = startChild(process.execPath, [program, 'app-server', ...args], {
    env: { PATH: process.env.PATH, HOME: home, CODEX_HOME: home },
    extendEnv: false,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  daemon.stderr.on('data', (piece) => (said += String(piece)));
  while (!said.includes('listening on') && daemon.exitCode === null)
    await Promise.race([once(daemon.stderr, 'data'), once(daemon, 'exit')]);
  return { daemon, home, said: () => said };
}

t.test(
  'members of the group connect, others do not, and the socket is removed with the daemon',
  { skip },
  async (t) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-group-'));
    fs.chmodSync(folder, 0o755);
    const socket = path.join(folder, 'made', 'x.sock');
    const { daemon, home } = await listening(['--listen', `unix://${socket}`, '--socket-group', String(GROUP)]);
    t.teardown(() => {
      daemon.kill('SIGKILL');
      for (const place of [folder, home]) fs.rmSync(place, { recursive: true, force: true });
    });
    const { mode, gid, uid } = fs.statSync(socket);
    t.strictSame({ mode: mode & 0o777, gid, uid }, { mode: 0o660, gid: GROUP, uid: 0 });
    t.equal(fs.statSync(path.dirname(socket)).mode & 0o777, 0o750, 'a folder that it makes lets the group through');
    t.equal(path.dirname(fs.readlinkSync(socket)), sharedSocketsFolder());
    t.equal(fs.statSync(sharedSocketsFolder()).mode & 0o777, 0o711);
    t.equal(connectAs(12_345, GROUP, socket), 'connected', 'another user in that group');
    t.equal(connectAs(12_345, 12_345, socket), 'EACCES', 'another user');
    t.equal(connectAs(12_345, 12_345, fs.readlinkSync(socket)), 'EACCES', 'also where it really lies');
    daemon.kill('SIGTERM');
    await once(daemon, 'exit');
    t.notOk(fs.existsSync(socket));
    t.notMatch(fs.readdirSync(sharedSocketsFolder()), [new RegExp(`^${daemon.pid}-`)]);
  },
);

t.test('without the flag no other user can reach it', { skip }, async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-group-'));
  fs.chmodSync(folder, 0o755);
  const socket = path.join(folder, 'x.sock');
  const { daemon, home } = await listening(['--listen', `unix://${socket}`]);
  t.teardown(() => {
    daemon.kill('SIGKILL');
    for (const place of [folder, home]) fs.rmSync(place, { recursive: true, force: true });
  });
  t.equal(connectAs(12_345, 0, socket), 'EACCES', 'not even the group of its own user');
});

const REFUSED: readonly [why: string, args: readonly string[], said: RegExp][] = [
  [
    'there is no unix socket',
    ['--listen', 'ws://127.0.0.1:0', '--socket-group', '0'],
    /--socket-group is about a unix socket/,
  ],
  [
    'there is no such group',
    ['--listen', `unix://${path.join(os.tmpdir(), 'codexd-nobody.sock')}`, '--socket-group', 'no-such-group'],
    /--socket-group no-such-group: this machine knows no such group/,
  ],
];
for (const [why, args, said] of REFUSED)
  t.test(`refused: ${why}`, async (t) => {
    const { daemon, home, said: stderr } = await listening(args);
    if (daemon.exitCode === null) await once(daemon, 'exit');
    fs.rmSync(home, { recursive: true, force: true });
    t.equal(daemon.exitCode, 1);
    t.match(stderr(), said);
  });

t.test('a group has a name or a number', async (t) => {
  t.equal(await groupId('root'), 0);
  t.equal(await groupId('4711'), 4711);
  for (const none of ['no-such-group', '', '--version', 'root:x', 'a\nb']) t.equal(await groupId(none), null, none);
});
