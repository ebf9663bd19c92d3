import t from 'tap';
import { createProofs, type ProofResult } from '../../../../server/sandbox/windows/run/proofs.js';

const BAD: ProofResult = { ok: false, problem: 'a wall', fix: 'build it' };

t.test('a good proof is kept for its subject, a bad one is not', async (t) => {
  const proofs = createProofs();
  let calls = 0;
  const answer = (result: ProofResult) => (): Promise<ProofResult> => {
    calls++;
    return Promise.resolve(result);
  };
  t.strictSame(await proofs.of({ marker: 1 }, answer(BAD)), BAD);
  t.strictSame(await proofs.of({ marker: 1 }, answer({ ok: true })), { ok: true });
  t.strictSame(await proofs.of({ marker: 1 }, answer(BAD)), { ok: true });
  t.equal(calls, 2);
  t.strictSame(await proofs.of({ marker: 2 }, answer(BAD)), BAD, 'another marker is proved again');
  t.equal(calls, 3);
});

t.test('commands that come meanwhile wait for the same proof; one that fails is made again', async (t) => {
  const proofs = createProofs();
  let settle = (_result: ProofResult): void => {};
  const first = proofs.of('x', () => new Promise((resolve) => (settle = resolve)));
  const second = proofs.of('x', () => Promise.reject(new Error('a second proof')));
  settle({ ok: true });
  t.strictSame([await first, await second], [{ ok: true }, { ok: true }]);
  await t.rejects(
    proofs.of('y', () => Promise.reject(new Error('broken'))),
    /broken/,
  );
  t.strictSame(await proofs.of('y', () => Promise.resolve({ ok: true })), { ok: true });
});
