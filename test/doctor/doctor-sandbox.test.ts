import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { packageRoot } from '../../server/package/package-root.js';
import { systemProgramIfAny } from '../../server/system/programs/system-program.js';
import { scratch } from '../fixtures/program.js';
import { ask, askBy, leftFolders, type Report } from './support.js';
import { runToEnd } from '../fixtures/programs.js';

t.setTimeout(240_000);

t.test('if nothing is missing, commands really run, and nothing is left', async (t) => {
  const place = scratch(t, '');
  const { ok, find, findings } = await ask(t, { ...place, env: { OPENAI_API_KEY: 'sk-very-secret' } });
  t.ok(ok);
  for (const id of ['bubblewrap', 'read-only', 'workspace', 'lane', 'transparent', 'terminal'])
    t.match(find(`sandbox.${id}`), { status: 'ok' });
  for (const id of ['node.version', 'node.internals', 'home.codex']) t.match(find(id), { status: 'ok' });
  for (const id of ['whole', 'terminal', 'starts']) t.match(find(`installation.${id}`), { status: 'ok' });
  t.match(find('model.key'), { status: 'ok', what: /OPENAI_API_KEY/ });
  t.match(find('model.reachable'), { status: 'skipped', detail: /--network/ });
  t.notMatch(JSON.stringify(findings), /very-secret/);
  t.strictSame(await leftFolders(), []);
});

t.test('a missing bubblewrap is reported, and the other checks run', async (t) => {
  const { ok, find } = await ask(t, { ...scratch(t, ''), env: { CODEXD_BWRAP: '/nonexistent' } });
  t.notOk(ok);
  t.match(find('sandbox.bubblewrap'), {
    status: 'fail',
    what: /CODEXD_BWRAP=\/nonexistent/,
    fix: /correct or unset it/,
  });
  t.match(find('sandbox.lane'), { status: 'skipped' });
  t.match(find('config.usable'), { status: 'ok' });
});

t.test('what `transparent_tcp` lacks is named with its remedy, and nothing else fails for it', async (t) => {
  const place = scratch(t, '');
  const program = path.join(place.user, 'bwrap');
  const real = systemProgramIfAny('bwrap');
  // Without the capability that the helper asks for, as in a container that withholds it.
  const script = `#!/bin/bash\nwords=()\nwhile [ $# -gt 0 ]; do if [ "$1 $2" = '--cap-add CAP_NET_ADMIN' ]; then words+=(--cap-drop CAP_NET_ADMIN); shift 2; else words+=("$1"); shift; fi; done\nexec ${real ?? 'bwrap'} "\${words[@]}"\n`;
  fs.writeFileSync(program, script, { mode: 0o755 });
  const { find } = await ask(t, { ...place, env: { CODEXD_BWRAP: program } });
  t.match(find('sandbox.lane'), { status: 'ok' });
  t.match(find('sandbox.transparent'), {
    status: 'warn',
    what: /a local route to every ipv4 address: .*EPERM.*; let this user have CAP_NET_ADMIN .*Or remove `transparent_tcp = true`/,
    fix: /commands with `transparent_tcp` are refused, and all others run/,
  });
});

t.test('a bubblewrap that hangs is killed with its processes', async (t) => {
  const place = scratch(t, '');
  const program = path.join(place.user, 'bwrap');
  const pidFile = path.join(place.user, 'pid');
  // It lives until another process ends it: the doctor must do so.
  const script = `#!/bin/sh\n[ "$1" = --version ] && { echo bubblewrap 0.8.0; exit 0; }\nsleep 600 & echo $! > ${pidFile}\nwait\n`;
  fs.writeFileSync(program, script, { mode: 0o755 });
  const { find } = await ask(t, { ...place, env: { CODEXD_BWRAP: program } });
  t.match(find('sandbox.bubblewrap'), { status: 'fail', what: /did not end within/ });
  const pid = fs.readFileSync(pidFile, 'utf8').trim();
  const state = fs.existsSync(`/proc/${pid}/stat`)
    ? fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[2]
    : 'gone';
  t.match(state, /^(gone|Z|X)$/);
  t.strictSame(await leftFolders(), []);
});

t.test('an unusable home, no HOME, and a removed folder', async (t) => {
  const place = scratch(t, '');
  t.match((await ask(t, { ...place, home: '/nonexistent' })).find('home.codex'), {
    status: 'fail',
    fix: /mkdir -m 700 \/nonexistent/,
  });
  const gone = path.join(place.user, 'gone');
  fs.mkdirSync(gone);
  const program = ['-c', `cd ${gone} && rmdir ${gone} && unset HOME && exec "$@"`, 'sh'];
  const { find } = await askBy(t, place, program);
  t.match(find('home.current-folder'), { status: 'warn' });
  t.match(find('home.user'), { status: 'warn' });
  t.match(find('sandbox.read-only'), { status: 'ok' });
});

t.test('a home that this user may not enter', { skip: process.getuid?.() !== 0 && 'needs another user' }, async (t) => {
  const place = scratch(t, '');
  fs.chmodSync(path.dirname(place.home), 0o755);
  fs.chmodSync(place.home, 0o700);
  const user = ['-c', 'exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"', 'sh'];
  const { find } = await askBy(t, place, user);
  t.match(find('home.codex'), { status: 'fail', fix: /chown|another|let this user/ });
  t.match(find('config.usable'), { status: 'fail' });
});

t.test('an incomplete installation', async (t) => {
  const place = scratch(t, '');
  const installed = path.join(place.user, 'node_modules', 'codexd');
  for (const part of ['bin', 'dist', 'package.json'])
    fs.cpSync(path.join(packageRoot(), part), path.join(installed, part), { recursive: true });
  fs.appendFileSync(path.join(installed, 'dist', 'late', 'jose.cjs'), '\n');
  fs.rmSync(path.join(installed, 'dist', 'late', 'pino.cjs'));
  const { exitCode, stdout } = runToEnd(
    process.execPath,
    [path.join(installed, 'bin', 'codexd.cjs'), 'doctor', '--json'],
    { env: { CODEX_HOME: place.home, HOME: place.user } },
  );
  t.equal(exitCode, 1);
  const { findings } = JSON.parse(stdout) as Report;
  t.match(
    findings.find(({ id }) => id === 'installation.whole'),
    {
      status: 'fail',
      detail: /late\/jose\.cjs is another one[^]*late\/pino\.cjs is missing/,
    },
  );
  t.match(
    findings.find(({ id }) => id === 'installation.terminal'),
    { status: 'warn', detail: /node-pty/ },
  );
  t.match(
    findings.find(({ id }) => id === 'installation.starts'),
    { status: 'warn', what: /koffi is not usable/, fix: /--include=optional/ },
  );
  t.match(
    findings.find(({ id }) => id === 'sandbox.terminal'),
    { status: 'warn' },
    'an optional package is no failure',
  );
});
