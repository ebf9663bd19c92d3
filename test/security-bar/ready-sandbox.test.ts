/**
 * Security bar, cases 167 to 175: a sandbox that was made before its command is never one of an earlier moment. Each
 * case changes something after a sandbox waits, and then a command looks.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startDaemon } from '../fixtures/daemon.js';
import { runToEnd } from '../fixtures/programs.js';
import { until } from '../fixtures/until.js';
import { skipReason } from '../sandbox/support.js';
import { marker } from '../exec/support/processes.js';

const skip =
  (await skipReason()) || (fs.existsSync('/usr/bin/dash') ? false : 'NOT TESTED: only dash waits in sandboxes');
t.setTimeout(240_000);

const root = fs.realpathSync(fs.mkdtempSync('/var/tmp/codexd-test-'));
const at = (...parts: string[]): string => path.join(root, ...parts);
for (const folder of ['work', 'denied', 'other']) fs.mkdirSync(at(folder));
fs.writeFileSync(at('denied', 'file'), 'SECRET');
fs.writeFileSync(at('secret'), 'SECRET');
fs.writeFileSync(at('work', 'name'), 'first');

const configuration = (more = ''): string => `
default_permissions = "test"
[permissions.test.filesystem]
":root" = "read"
"${at('denied')}" = "deny"
"${at('secret')}" = "deny"
${more}
[permissions.test.filesystem.":workspace_roots"]
"**/*.key" = "deny"
`;
const daemon = await startDaemon({ root, config: configuration() });
const client = await daemon.connect();
t.teardown(async () => {
  await daemon.stop();
  fs.rmSync(root, { recursive: true, force: true, maxRetries: 3 });
});

const run = (command: readonly string[], params: object = {}) =>
  client.request('command/exec', { command: [...command], cwd: at('work'), timeoutMs: 60_000, ...params });
const shell = async (line: string, params: object = {}): Promise<string> => {
  const { stdout, stderr } = await run(['sh', '-c', line], params);
  return stdout + stderr;
};

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly words: string;
}

function processes(): Process[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = fs.readFileSync(`/proc/${name}/stat`, 'latin1');
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
        return [{ pid: Number(name), parent, words: fs.readFileSync(`/proc/${name}/cmdline`, 'latin1') }];
      } catch {
        return [];
      }
    });
}

/** The launchers of sandboxes that this daemon has made in advance, whose shell waits. */
function waiting(): number[] {
  const all = processes();
  const childrenOf = (pid: number): Process[] => all.filter(({ parent }) => parent === pid);
  return childrenOf(daemon.process.pid ?? 0)
    .filter(({ words }) => words.includes('echo && read -r go'))
    .filter(({ pid }) =>
      childrenOf(pid).some((inner) => childrenOf(inner.pid).some(({ words }) => !words.includes('--seccomp'))),
    )
    .map(({ pid }) => pid);
}

/** Runs commands of one kind until a sandbox waits for the next. Returns its launcher. */
async function ready(params: object = {}): Promise<number> {
  await run(['true'], params);
  await run(['true'], params);
  let found: number | undefined;
  await until(() => ([found] = waiting()) !== undefined && found !== undefined, 'a sandbox waits');
  return found ?? 0;
}

/** Whether a command that starts now runs in the sandbox of this launcher. */
async function isUsed(launcher: number, params: object = {}): Promise<boolean> {
  const mark = marker();
  const command = run(['sleep', mark], { ...params, processId: mark });
  let user: Process | undefined;
  await until(() => {
    const all = processes();
    user = all.find(({ words }) => words === `sleep\0${mark}\0`);
    return user !== undefined;
  }, 'the command runs');
  const all = processes();
  const inner = all.find(({ pid }) => pid === user?.parent);
  await client.request('command/exec/terminate', { processId: mark });
  await command;
  return inner?.parent === launcher;
}

t.test('case 167: it is used, and the command sees nothing else than in one of its own', { skip }, async (t) => {
  const look = [
    'env | sort; pwd; umask; cat /proc/self/stat | cut -d" " -f4-8; ls -l /proc/self/fd | wc -l',
    'grep -E "^(Cap|NoNewPrivs|Seccomp|Sig|Groups|Uid|NSpid)" /proc/self/status; ls /proc | grep -c "^[0-9]"',
    'cut -d" " -f4- /proc/self/mountinfo | sed "s/ [0-9]*:[0-9]* / /"; ls /dev; readlink /proc/self/fd/0; ulimit -a',
  ].join('; ');
  const params = { env: { ODD: "it's $HOME `id`", EMPTY: '', PS4: '$(id)' }, cwd: at('other') };
  const first = await shell(look, params);
  const launcher = await ready(params);
  t.ok(await isUsed(launcher, params));
  await ready(params);
  const comparable = (text: string): string =>
    text.replace(/CODEXD_COMMAND=.*/, '').replace(/^.* (?=rw|ro).*proc$/gm, '');
  t.equal(comparable(await shell(look, params)), comparable(first));
});

t.test('case 168: whatever it was, a command gets its words, folder, input and exit code', { skip }, async (t) => {
  await ready();
  t.match(await run(['sh', '-c', 'exit 7']), { exitCode: 7 });
  await ready();
  t.match(await run(['printf', '%s|', "it's", '', '$x', 'a\nb', '-n']), { stdout: "it's||$x|a\nb|-n|" });
  await ready();
  t.match(await run(['nothing-of-this-name']), { exitCode: 127 });
  await ready();
  t.match(await run(['sh', '-c', 'pwd; echo "$PWD"'], { cwd: at('other') }), { stdout: `${at('other')}\n`.repeat(2) });
  await ready();
  t.match(await run(['sh', '-c', 'kill -9 $$']), { exitCode: 137 });
  await ready();
  t.match(await run(['env'], { env: { 'NOT.A.NAME': 'x', OPTIND: 'y' } }), { stdout: /NOT\.A\.NAME=x/ });
});

t.test('case 169: a denied file or folder that was replaced stays hidden', { skip }, async (t) => {
  for (const replace of [
    () => {
      fs.writeFileSync(at('new'), 'SECRET');
      fs.renameSync(at('new'), at('secret'));
    },
    () => {
      fs.rmSync(at('secret'));
      fs.writeFileSync(at('secret'), 'SECRET');
    },
    () => {
      // The same file has its name again, and the mount on it is gone.
      fs.linkSync(at('secret'), at('link'));
      fs.rmSync(at('secret'));
      fs.linkSync(at('link'), at('secret'));
      fs.rmSync(at('link'));
    },
    () => {
      fs.renameSync(at('denied'), at('moved'));
      fs.mkdirSync(at('denied'));
      fs.writeFileSync(at('denied', 'file'), 'SECRET');
      fs.rmSync(at('moved'), { recursive: true });
    },
  ]) {
    const launcher = await ready();
    replace();
    t.notMatch(
      await shell(`cat ${at('secret')} ${at('denied', 'file')} ${at('denied')}/../secret`),
      /SECRET/,
      String(replace),
    );
    await until(() => !waiting().includes(launcher), 'the earlier sandbox has ended');
  }
});

t.test('case 170: a denied path that appears later is hidden', { skip }, async (t) => {
  await ready();
  fs.writeFileSync(at('work', 'a.key'), 'SECRET');
  t.notMatch(await shell('cat a.key'), /SECRET/);
  fs.rmSync(at('work', 'a.key'));
});

t.test('case 171: a folder that was exchanged is the new one', { skip }, async (t) => {
  await ready();
  fs.renameSync(at('work'), at('old'));
  fs.mkdirSync(at('work'));
  fs.writeFileSync(at('work', 'name'), 'second');
  t.equal(await shell('cat name; cat ../old/name'), 'secondfirst');
  fs.rmSync(at('old'), { recursive: true });
});

t.test('case 172: another policy needs another sandbox', { skip }, async (t) => {
  const launcher = await ready();
  t.notOk(await isUsed(launcher, { sandboxPolicy: { type: 'readOnly', networkAccess: true } }));
  await ready();
  fs.writeFileSync(path.join(daemon.home, 'config.toml'), configuration(`"${at('other')}" = "deny"\n`));
  fs.writeFileSync(at('other', 'file'), 'SECRET');
  await until(async () => !/SECRET/.test(await shell(`cat ${at('other', 'file')}`)), 'the new configuration counts');
  await ready();
  t.notMatch(await shell(`cat ${at('other', 'file')}`), /SECRET/);
  fs.writeFileSync(path.join(daemon.home, 'config.toml'), configuration());
  await until(async () => /SECRET/.test(await shell(`cat ${at('other', 'file')}`)), 'the old configuration counts');
});

t.test('case 173: a mount of the host is seen by the next command', { skip }, async (t) => {
  const place = at('mounted');
  fs.mkdirSync(place);
  await ready();
  if (runToEnd('mount', ['-t', 'tmpfs', 'none', place]).exitCode !== 0) {
    t.comment('NOT TESTED: there is no right to mount');
    return;
  }
  t.teardown(() => void runToEnd('umount', [place]));
  fs.writeFileSync(path.join(place, 'file'), 'mounted');
  t.equal(await shell(`cat ${place}/file; touch ${place}/other 2>/dev/null && echo WRITTEN`), 'mounted');
});

t.test('case 174: nothing of one command reaches the next, and it belongs to one', { skip }, async (t) => {
  const launcher = await ready();
  t.equal(await shell('(sleep 100 & echo x >/dev/shm/left; mkdir /dev/left) 2>/dev/null; ls /dev/shm | wc -l'), '1\n');
  const next = await ready();
  t.not(next, launcher);
  t.equal(await shell('ls /dev/shm /dev/left 2>/dev/null | wc -l; ls /proc | grep -c "^[0-9]"'), '1\n4\n');
});

t.test('case 175: the end of a command ends all of it; the end of the daemon, too', { skip }, async (t) => {
  const mark = marker();
  await ready();
  const timeoutMs = 300;
  t.match(await run(['sh', '-c', `setsid sleep ${mark} & sleep ${mark}`], { timeoutMs }), { exitCode: 124 });
  t.notOk(processes().some(({ words }) => words.includes(mark)));
  await ready();
  t.match(await run(['sh', '-c', `setsid sleep ${mark} >/dev/null 2>&1 & exit 0`]), { exitCode: 0 });
  await until(() => !processes().some(({ words }) => words.includes(mark)), 'nothing outlives its command');
  await ready();
  const [launcher = 0] = waiting();
  const members = processes().filter(({ pid, parent }) => pid === launcher || parent === launcher);
  daemon.process.kill('SIGKILL');
  await until(() => {
    const now = processes().filter(({ words }) => words !== '');
    return members.every(({ pid }) => !now.some((one) => one.pid === pid));
  }, 'a sandbox that waits ends with its daemon');
});
