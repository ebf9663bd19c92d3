import net from 'node:net';
import t from 'tap';
import type { Claim } from '../../../server/network-approval/lanes/attribution.js';
import { createPortTurn } from '../../../server/network-approval/lanes/port-turn.js';

function scene() {
  const claims = new Set<Claim>();
  const log: string[] = [];
  const turn = createPortTurn(
    { httpPort: 1, socksPort: 2 },
    {
      add: (claim) => {
        claims.add(claim);
        return () => {
          claims.delete(claim);
          log.push('withdrawn');
        };
      },
    },
    () => void log.push('ended'),
  );
  return { turn, claims, log };
}

t.test('a turn has a claim between accept and end', async (t) => {
  const { turn, claims, log } = scene();
  t.match(turn, { enter: [], networkNamespace: null, httpPort: 1, socksPort: 2 });
  const served: string[] = [];
  turn.accept(
    () => served.push('http'),
    () => served.push('socks'),
  );
  const [claim] = claims;
  t.equal(claim?.contains, null, 'before the command says which processes are its own');
  turn.claim?.((pid) => pid === 7);
  t.equal(claim?.contains?.(7), true);
  t.equal(claim?.contains?.(8), false);
  const socket = new net.Socket();
  claim?.serve('http', socket);
  claim?.serve('socks', socket);
  t.strictSame(served, ['http', 'socks']);
  t.throws(() => turn.claim?.(() => true), 'nobody takes it over');
  turn.end({ reusable: true });
  turn.end({ reusable: true });
  t.strictSame(log, ['withdrawn', 'ended']);
  t.throws(() =>
    turn.accept(
      () => {},
      () => {},
    ),
  );
});

t.test('a turn that accepted nothing ends as well', async (t) => {
  const { turn, log, claims } = scene();
  turn.end({ reusable: false });
  turn.accept(
    () => {},
    () => {},
  );
  t.equal(claims.size, 0, 'nothing is accepted after the end');
  t.strictSame(log, ['ended']);
});
