/**
 * Security bar, cases 87 to 90, 92 and 93: a command cannot change the daemon's programs, leaves no program with
 * another user's rights, and sends no datagram. Real programs that need the same calls still work.
 */
import fs from 'node:fs';
import { isBuiltin } from 'node:module';
import net from 'node:net';
import path from 'node:path';
import t from 'tap';
import { PYTHON, needsPython } from '../fixtures/python.js';
import { packageRoot } from '../../server/package/package-root.js';
import { loadNativeModule } from '../../server/system/node/native-module.js';
import { makePlace, profile, skipReason, WORKSPACE_WRITE } from '../sandbox/support.js';
import { runToEnd } from '../fixtures/programs.js';

const skip = await skipReason();
t.setTimeout(120_000);

t.test('case 87: a codexd installed in the project is read-only and cannot be moved', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const modules = path.join(place.work, 'node_modules');
  const installed = path.join(modules, 'codexd');
  for (const part of ['bin', 'dist', 'package.json'])
    fs.cpSync(path.join(packageRoot(), part), path.join(installed, part), { recursive: true });
  fs.cpSync(path.join(packageRoot(), 'node_modules', '@lydell'), path.join(modules, '@lydell'), { recursive: true });
  fs.writeFileSync(path.join(place.home, 'config.toml'), 'sandbox_mode = "workspace-write"\n');
  const tries = [
    'echo x >> node_modules/codexd/dist/lane-helper.cjs',
    'rm node_modules/codexd/bin/codexd.cjs',
    'mkdir node_modules/codexd/node_modules',
    'mv node_modules/codexd node_modules/moved',
    'mv node_modules elsewhere',
    'touch node_modules/@lydell/node-pty/index.js',
    'mv node_modules/@lydell node_modules/moved',
  ];
  const line = `${tries.map((command) => `(${command}) 2>/dev/null && echo "done: ${command}"`).join('; ')}; mkdir node_modules/other && echo end`;
  const { stdout, stderr } = runToEnd(
    process.execPath,
    [path.join(installed, 'bin', 'codexd.cjs'), 'sandbox', '--', 'sh', '-c', line],
    { cwd: place.work, env: { PATH: '/usr/bin:/bin', HOME: place.root, CODEX_HOME: place.home }, extendEnv: false },
  );
  t.equal(stdout, 'end\n', stderr);
});

t.test(
  'case 87: in a checkout of codexd the files that its daemon loads are read-only, and its sources are not',
  { skip },
  async (t) => {
    const place = makePlace((f) => t.teardown(f));
    const root = packageRoot();
    const options = { cwd: root, workspaceRoots: [root], profile: WORKSPACE_WRITE };
    const line = `for f in dist bin package.json; do test -w $f && echo "$f can be written"; done; mv dist moved 2>/dev/null && echo moved; test -w server && echo end`;
    const { stdout } = await place.run(line, options);
    t.equal(stdout, 'end\n');
    await t.rejects(place.wrap('true', { ...options, workspaceRoots: [path.join(root, 'dist', 'late')] }), {
      code: 'sandbox.refused',
      message: /^cannot make .*dist\/late writable: codexd itself runs from .*dist; install codexd elsewhere/,
    });
  },
);

t.test('case 87: if everything is writable, programs that run outside of the sandbox are not', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const { stdout } = await place.run(
    'for f in /usr/bin/sh /usr/bin/bwrap /usr/bin/nsenter "$0"; do test -w "$f" && echo "$f can be written"; done; mv /usr/bin /usr/moved 2>/dev/null && echo moved; touch "$HOME/new" && echo end'.replace(
      '"$0"',
      `'${process.execPath}'`,
    ),
    { profile: profile({ ':root': 'write' }) },
  );
  t.equal(stdout, 'end\n');
});

const python = { skip: skip || needsPython.skip };

t.test('case 88: a command leaves no setuid and no setgid program', python, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const script = `
import os, ctypes
open('p', 'w').close()
fd = os.open('p', os.O_RDWR)
libc = ctypes.CDLL(None, use_errno=True)
ways = {
  'chmod': lambda: os.chmod('p', 0o4755), 'setgid': lambda: os.chmod('p', 0o2755), 'fchmod': lambda: os.fchmod(fd, 0o6755),
  'open': lambda: os.open('q', os.O_CREAT | os.O_WRONLY, 0o4755), 'mknod': lambda: os.mknod('r', 0o104755),
  'tmpfile': lambda: os.open('.', os.O_TMPFILE | os.O_WRONLY, 0o4755),
}
for name, way in ways.items():
  try: way(); print(name, 'worked')
  except PermissionError: pass
os.chmod('p', 0o755)
print('end')`;
  const { stdout, stderr } = await place.run([PYTHON, '-c', script], { profile: WORKSPACE_WRITE });
  t.equal(stdout, 'end\n', stderr);
  for (const name of fs.readdirSync(place.work)) t.equal(fs.lstatSync(path.join(place.work, name)).mode & 0o6000, 0);
});

t.test('case 89: offline a pair passes descriptors, and no datagram is sent', python, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const server = net.createServer().listen(path.join(place.work, 'host.sock'));
  t.teardown(() => server.close());
  const script = `
import os, socket, multiprocessing
a, b = socket.socketpair()
r, w = os.pipe()
socket.send_fds(a, [b'x'], [w])
_, fds, _, _ = socket.recv_fds(b, 1, 1)
os.write(fds[0], b'through'); print(os.read(r, 7).decode())
q, p = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
q.sendmsg([b'whole']); print(p.recv(9).decode())
def refused(name, f):
  try: f(); print(name, 'worked')
  except OSError as error: pass
where = 'host.sock'
refused('datagram', lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
refused('datagram pair', lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
refused('raw', lambda: socket.socket(socket.AF_UNIX, socket.SOCK_RAW))
for kind in (socket.SOCK_STREAM, socket.SOCK_SEQPACKET):
  s = socket.socket(socket.AF_UNIX, kind)
  refused('connect', lambda: s.connect(where))
  refused('sendto', lambda: s.sendto(b'x', where))
  refused('sendmsg', lambda: s.sendmsg([b'x'], [], 0, where))
refused('sendmsg on a stream pair', lambda: a.sendmsg([b'y'], [], 0, where))
q.sendmsg([b'mine'], [], 0, where); print(p.recv(9).decode())
with multiprocessing.get_context('fork').Pool(2) as pool: print(pool.map(abs, [-1, -2]))
`;
  const { stdout, stderr } = await place.run([PYTHON, '-c', script], { profile: WORKSPACE_WRITE });
  t.equal(stdout, 'through\nwhole\nmine\n[1, 2]\n', stderr);
});

t.test('case 90: the mounts of cgroups fit the namespace of the command', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const { stdout } = await place.run(
    `awk '/ - cgroup2? /{ if ($4 ~ /^\\/\\.\\./) n++ } END { print n+0 }' /proc/self/mountinfo`,
  );
  t.equal(stdout, '0\n');
});

t.test('case 92: the built program needs no package that could be missing', (t) => {
  const dist = path.join(packageRoot(), 'dist');
  // Text that ajv and fast-json-stringify write into their own files; nothing here creates such files.
  const text = /^(ajv|ajv-formats|fast-json-stringify)\//;
  for (const folder of [dist, path.join(dist, 'late')])
    for (const name of fs.readdirSync(folder).filter((file) => /\.c?js$/.test(file))) {
      const found = [
        ...fs.readFileSync(path.join(folder, name), 'utf8').matchAll(/\b(?:require|import)\(["'`]([^"'`()]+)["'`]\)/g),
      ]
        .map(([, asked = '']) => asked)
        .filter((asked) => !asked.startsWith('./') && !isBuiltin(asked) && !text.test(asked));
      t.strictSame(found, [], name);
    }
  t.end();
});

t.test('case 93: a native module is loaded only from its own place, and only as it was published', (t) => {
  const place = makePlace((f) => t.teardown(f));
  const root = path.join(place.work, 'node_modules', 'codexd');
  const name = `@lydell/node-pty-${process.platform}-${process.arch}`;
  const real = path.join(packageRoot(), 'node_modules', name, 'pty.node');
  fs.mkdirSync(root, { recursive: true });
  const put = (folder: string, from = real): string => {
    const file = path.join(folder, name, 'pty.node');
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.copyFileSync(from, file);
    return file;
  };
  put(path.join(place.root, 'node_modules'));
  t.throws(() => loadNativeModule(root), {
    code: 'machine.native-module',
    message: /which is not in .*; install codexd/,
  });
  const hoisted = put(path.join(place.work, 'node_modules'), process.execPath);
  t.throws(() => loadNativeModule(root), {
    code: 'machine.native-module',
    message: /pty\.node is another file \(sha256 /,
  });
  fs.copyFileSync(real, hoisted);
  t.type((loadNativeModule(root) as { open?: unknown }).open, 'function', 'the control');
  t.end();
});
