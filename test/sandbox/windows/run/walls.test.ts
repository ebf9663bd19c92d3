import t from 'tap';
import { DONE, SILENCE } from '../../../../server/sandbox/windows/run/canary.js';
import { windowsIdentity } from '../../../../server/sandbox/windows/identity.js';
import {
  attemptsOf,
  judgeWalls,
  unreadableWalls,
  wallsProblem,
  type Attempt,
} from '../../../../server/sandbox/windows/run/walls.js';

const OFFLINE = windowsIdentity({ network: 'lane', mode: 'elevated' });
const ONLINE = windowsIdentity({ network: 'direct', mode: 'elevated' });
const OWN = windowsIdentity({ network: 'direct', mode: 'unelevated' });

/** What a Windows on which every wall stands says. */
const GOOD: Readonly<Record<Attempt, string>> = {
  inside: DONE,
  outside: 'EPERM',
  denied: 'EPERM',
  home: 'EACCES',
  loopback: 'EACCES',
  local: SILENCE,
  udpLoopback: DONE,
  udpLocal: 'EACCES',
  lane: 'ECONNREFUSED',
  network: DONE,
};
const SEEN = { arrived: new Set<Attempt>(), childEnded: true };

t.test('where every wall stands, there is no problem', async (t) => {
  for (const identity of [OFFLINE, ONLINE, OWN]) {
    const walls = judgeWalls(attemptsOf(identity), { outcomes: GOOD, child: 1 }, SEEN);
    t.equal(wallsProblem(walls), null);
    t.equal(walls.length, attemptsOf(identity).length + 1);
  }
  t.notOk(attemptsOf(ONLINE).includes('loopback'));
  t.notOk(attemptsOf(OWN).includes('denied'), 'the own token reads what its user reads');
});

t.test('any single leak is a problem, with its name', async (t) => {
  const leaks: readonly (readonly [Attempt, string, string])[] = [
    ['outside', DONE, 'writing outside of the granted folders (leaked: done)'],
    ['denied', DONE, 'reading a denied file (leaked: done)'],
    ['home', DONE, 'reading the Codex home (leaked: done)'],
    ['loopback', DONE, 'TCP to other ports of loopback (leaked: done)'],
    ['loopback', 'ECONNREFUSED', 'TCP to other ports of loopback (leaked: ECONNREFUSED)'],
    ['local', 'ECONNRESET', "TCP to this machine's own addresses (leaked: ECONNRESET)"],
    ['udpLocal', DONE, "UDP to this machine's own addresses (leaked: done)"],
    // Whatever else happens is no proof.
    ['inside', 'EPERM', 'writing in a granted folder (unreadable: EPERM)'],
    ['outside', 'ENOENT', 'writing outside of the granted folders (unreadable: ENOENT)'],
    ['denied', 'EMFILE', 'reading a denied file (unreadable: EMFILE)'],
    ['loopback', 'ENETUNREACH', 'TCP to other ports of loopback (unreadable: ENETUNREACH)'],
    ['udpLoopback', 'ENOBUFS', 'UDP on loopback (unreadable: ENOBUFS)'],
    ['lane', 'EACCES', "TCP to a lane's port (unreadable: EACCES)"],
    ['lane', SILENCE, "TCP to a lane's port (unreadable: SILENCE)"],
  ];
  for (const [attempt, outcome, problem] of leaks) {
    const report = { outcomes: { ...GOOD, [attempt]: outcome }, child: 1 };
    t.equal(wallsProblem(judgeWalls(attemptsOf(OFFLINE), report, SEEN)), problem);
  }
  const online = judgeWalls(attemptsOf(ONLINE), { outcomes: { ...GOOD, network: 'EACCES' }, child: 1 }, SEEN);
  t.match(wallsProblem(online), /the network of a command with direct network \(unreadable: EACCES\)/);
});

t.test('what arrives counts, whatever the canary says', async (t) => {
  for (const attempt of ['outside', 'loopback', 'udpLoopback'] as const) {
    const walls = judgeWalls(
      attemptsOf(OFFLINE),
      { outcomes: GOOD, child: 1 },
      { ...SEEN, arrived: new Set([attempt]) },
    );
    t.match(wallsProblem(walls), /\(leaked: it arrived\)/);
  }
  const online = judgeWalls(
    attemptsOf(ONLINE),
    { outcomes: GOOD, child: 1 },
    { ...SEEN, arrived: new Set(['network']) },
  );
  t.equal(wallsProblem(online), null, 'the network of a direct command may arrive');
});

t.test('a process that lives on, and one that could not be started', async (t) => {
  const judged = (childEnded: boolean | null) =>
    wallsProblem(judgeWalls(attemptsOf(OFFLINE), { outcomes: GOOD, child: 1 }, { ...SEEN, childEnded }));
  t.equal(judged(false), 'processes that outlive their command (leaked)');
  t.match(judged(null), /processes that outlive their command \(unreadable/);
});

t.test('an attempt without a report, a canary that did not run, and no attempt at all, prove nothing', async (t) => {
  const { loopback: _, ...rest } = GOOD;
  t.match(wallsProblem(judgeWalls(attemptsOf(OFFLINE), { outcomes: rest, child: 1 }, SEEN)), /did not report it/);
  t.equal(wallsProblem(unreadableWalls(OFFLINE, 'the runner does not start')), 'the runner does not start');
  t.equal(wallsProblem([]), 'nothing was tried');
});
