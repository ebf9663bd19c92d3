import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import t from 'tap';
import { DANGER_FULL_ACCESS, makePlace, skipReason, tries, workspace } from './support.js';
import { startChild } from '../fixtures/programs.js';

/** A command in a network namespace that another program has made: the promises of `network: 'lane'`. */
const skip = await skipReason();

/** Namespaces that exist while a sleeper lives, and the words that enter them. */
async function standInLane(make: readonly string[], onEnd: (f: () => void) => void): Promise<readonly string[]> {
  const [file = '', ...args] = make;
  const holder: ChildProcess = startChild(file, [...args, 'sh', '-c', 'echo here; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onEnd(() => holder.kill('SIGKILL'));
  await new Promise((resolve) => holder.stdout?.once('data', resolve));
  const pid = sleeperOf(holder.pid as number);
  return ['nsenter', `--user=/proc/${pid}/ns/user`, `--net=/proc/${pid}/ns/net`, '--preserve-credentials', '--'];
}

/** bubblewrap stays outside; the namespaces belong to its child. */
function sleeperOf(pid: number): number {
  const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return children ? sleeperOf(Number(children.split(' ')[0])) : pid;
}

const LANES: readonly [name: string, make: readonly string[]][] = [
  ['unshare, where everybody is root', ['unshare', '-Urn']],
  ['unshare, where everybody is who they are', ['unshare', '-n', '--map-current-user']],
  ['bubblewrap', ['bwrap', '--dev-bind', '/', '/', '--unshare-user', '--unshare-net', '--die-with-parent']],
];

for (const [name, make] of LANES) {
  t.test(`in a lane made by ${name}`, { skip }, async (t) => {
    const enter = await standInLane(make, (f) => t.teardown(f));
    const place = makePlace((f) => t.teardown(f));
    place.folder('.git');
    const options = { enter, network: 'lane', profile: workspace() } as const;

    const { stdout } = await place.run(
      'id -u; id -g; cat /proc/self/status; for n in user pid ipc uts mnt net; do readlink /proc/self/ns/$n; done; stat -c "%u %g" .git',
      options,
    );
    t.equal(
      stdout.split('\n').slice(0, 2).join(' '),
      `${process.getuid?.()} ${process.getgid?.()}`,
      'user and group are the real ones',
    );
    t.match(stdout, `\n${process.getuid?.()} ${process.getgid?.()}\n`, 'as files have them');
    t.match(stdout, /NoNewPrivs:\t1\n[^]*Seccomp:\t2\n/);
    t.match(stdout, /CapPrm:\t0+\nCapEff:\t0+\nCapBnd:\t0+\n/);
    const lanes = Object.fromEntries(
      (['user', 'net', 'mnt'] as const).map((kind) => [
        kind,
        fs.readlinkSync(`${(enter[2] as string).slice('--net='.length).replace(/net$/, kind)}`),
      ]),
    );
    t.match(stdout, lanes.net, 'the network is the lane’s');
    t.notMatch(stdout, lanes.user, 'the user namespace is not');
    t.notMatch(stdout, lanes.mnt);

    const lines = [
      'touch f',
      'touch .git/f',
      `touch ${place.outside}/f`,
      'mkdir .codex/x',
      'unshare -Ur true',
      'ls /proc/1/fd/',
      'echo > /proc/sys/net/core/somaxconn',
    ];
    t.same(Object.values(await tries(place, lines, options)), ['done', ...lines.slice(1).map(() => 'refused')]);

    const sockets = [
      'perl',
      '-MSocket',
      '-e',
      'print socket(A, $_, SOCK_STREAM, 0) ? "made " : "refused " for AF_INET, AF_INET6, AF_UNIX, 16; print socketpair(B, C, AF_UNIX, SOCK_DGRAM, 0) ? "made" : "refused"',
    ];
    t.equal((await place.run(sockets, options)).stdout, 'made made refused refused refused');
  });
}

t.test('all files and a lane: everything can be written, the network is the lane', { skip }, async (t) => {
  const enter = await standInLane(['unshare', '-n', '--map-current-user'], (f) => t.teardown(f));
  const place = makePlace((f) => t.teardown(f));
  const options = { enter, network: 'lane', profile: DANGER_FULL_ACCESS } as const;
  const lines = [
    `touch ${place.outside}/f`,
    'mkdir .git',
    `touch ${place.home}/f`,
    `ls ${place.home}/tmp/codexd-sandbox`,
    `kill -0 ${process.pid}`,
  ];
  t.same(Object.values(await tries(place, lines, options)), ['done', 'done', 'done', 'refused', 'refused']);
  t.equal((await place.run(['ls', '/sys/class/net'], options)).code, 0);
  const external = { ...DANGER_FULL_ACCESS, enforcement: 'external' } as const;
  t.match(await place.run(`touch ${place.outside}/g`, { ...options, profile: external }), { code: 0 });
});

t.test('a call for a command without a sandbox is a mistake of the caller', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  await t.rejects(place.run('true', { profile: DANGER_FULL_ACCESS, network: 'direct' }), TypeError);
  await t.rejects(
    place.run('true', { profile: { ...workspace(), enforcement: 'external' }, network: 'direct' }),
    TypeError,
  );
  await t.rejects(place.run([], {}), TypeError);
});
