/** An owner has at most as many lanes as are free, so that others get one. */
import t from 'tap';
import { LaneShares } from '../../../server/network-approval/lanes/shares.js';

t.test('one owner has at most half, the next half of the rest', async (t) => {
  const shares = new LaneShares(8);
  const takes = (owner: string): number => {
    let taken = 0;
    for (; shares.mayTake(owner); taken++) shares.take(owner);
    return taken;
  };
  t.strictSame(['a', 'b', 'c', 'd'].map(takes), [4, 2, 1, 1]);
  t.equal(shares.mayTake('e'), false, 'all are in use');
  shares.giveBack('a');
  t.equal(shares.mayTake('a'), false, 'it still has three');
  t.equal(shares.mayTake('e'), true);
});

t.test('a single lane goes to the owner that comes first', async (t) => {
  const shares = new LaneShares(1);
  t.equal(shares.mayTake('a'), true);
  shares.take('a');
  t.equal(shares.mayTake('b'), false);
  shares.giveBack('a');
  t.equal(shares.mayTake('b'), true);
});

t.test('how many of those that wait could be served', async (t) => {
  const shares = new LaneShares(4);
  t.equal(shares.servable(['a', 'a', 'a', 'a']), 2);
  t.equal(shares.servable(['a', 'a', 'a', 'b', 'c']), 4);
  shares.take('a');
  t.equal(shares.servable(['a', 'b', 'b']), 2);
  t.equal(shares.servable([]), 0);
  t.equal(shares.mayTake('a'), true, 'the question took nothing');
});
