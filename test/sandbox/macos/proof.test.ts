import t from 'tap';
import { proveSeatbelt, type ProvedWall } from '../../../server/sandbox/macos/proof.js';
import { wallsOf } from '../../../server/sandbox/macos/walls.js';
import { READINGS } from './evaluator.js';
import { fakeMac, READING, SCENE } from './fake-mac.js';

const open = (walls: readonly ProvedWall[]): readonly string[] =>
  walls.flatMap(({ name, verdict }) => (verdict === 'held' ? [] : [`${name}: ${verdict}`]));

t.test('on a Mac that enforces the policy, in any reading, every wall holds', async (t) => {
  for (const reading of READINGS) {
    const proof = await proveSeatbelt(SCENE, fakeMac(reading));
    t.ok(proof.ran);
    if (proof.ran) t.strictSame(open(proof.walls), [], JSON.stringify(reading));
  }
});

t.test('every wall that is missing is found, by its name', async (t) => {
  const all = wallsOf(SCENE);
  for (const [at, wall] of all.entries()) {
    const seen: string[] = [];
    const proof = await proveSeatbelt(SCENE, async (policy, command) => {
      const result = await fakeMac()(policy, command);
      const outcomes = JSON.parse(result.stdout) as string[];
      const from = seen.length;
      seen.push(...outcomes);
      if (at >= from && at < seen.length) outcomes[at - from] = wall.allowed ? 'EPERM' : 'done';
      return { ...result, stdout: JSON.stringify(outcomes) };
    });
    t.strictSame(proof.ran && open(proof.walls), [`${wall.name}: ${wall.allowed ? 'unreadable' : 'leaked'}`]);
  }
});

t.test('a Mac that takes no notice of a rule is found', async (t) => {
  const without = (rule: RegExp) => (policy: string) =>
    policy.replace(rule, (line) => line.replace(/\(require-not \([^()]*\)\)/g, ''));
  for (const [change, found] of [
    [without(/^\(allow file-read\* process-exec .*$/gm), 'read a hidden file'],
    [(policy: string) => `${policy}\n(allow network-outbound (remote tcp "localhost:*"))`, 'connect to another port'],
    [(policy: string) => `${policy}\n(allow network-outbound)`, 'ask the resolver'],
    [(policy: string) => `${policy}\n(allow signal)`, 'signal a process outside'],
    [(policy: string) => policy.replaceAll('/Hidden', '/Elsewhere'), 'start a hidden program'],
  ] as const) {
    const reading = { ...READING, precedence: 'last' } as const;
    const proof = await proveSeatbelt(
      SCENE,
      fakeMac(reading, (policy) => change(policy).replace(/^\(deny file-.*$/gm, '')),
    );
    t.match(proof.ran && open(proof.walls).join(), found);
  }
});

t.test('an outcome that shows nothing is no proof, and neither is no answer', async (t) => {
  const strange = await proveSeatbelt(SCENE, async (policy, command) => {
    const { stdout, ...rest } = await fakeMac()(policy, command);
    return { ...rest, stdout: stdout.replace('"EPERM"', '"EMFILE"') };
  });
  t.match(strange.ran && open(strange.walls), ['write outside of the workspace: unreadable']);
  for (const stdout of ['', '[]', '{}', '[1]', 'sandbox-exec: oops']) {
    t.match(await proveSeatbelt(SCENE, async () => ({ error: null, stdout, stderr: '' })), { ran: false });
  }
});
