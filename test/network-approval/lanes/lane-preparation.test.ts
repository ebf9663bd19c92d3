/** When a lane is prepared. */
import t from 'tap';
import { LanePreparation, type ReadyLane } from '../../../server/network-approval/lanes/lane-preparation.js';
import { elapse, until } from '../../fixtures/until.js';

const ready = (name: string): ReadyLane => ({ lane: { name }, unused: [] }) as unknown as ReadyLane;

function stage(...idle: ReadyLane[]) {
  const did: string[] = [];
  const tracked: Promise<void>[] = [];
  const nameOf = (lane: unknown): string => (lane as { readonly name: string }).name;
  let end: () => void = () => {};
  const preparation = new LanePreparation({
    take: () => idle.pop(),
    track: (preparing) => void tracked.push(preparing),
    prepared: ({ lane }) => void did.push(`back ${nameOf(lane)}`),
  });
  const preparer = {
    prepare(lane: unknown) {
      did.push(`prepare ${nameOf(lane)}`);
      return new Promise<void>((resolve) => (end = resolve));
    },
    discard: (lane: unknown) => (nameOf(lane) === 'used' ? Promise.resolve() : null),
  };
  return { preparation, preparer, did, tracked, end: () => end() };
}
/** Longer than the pause before a preparation. */
const later = (): Promise<void> => elapse(40, 'a preparation would have begun');

t.test("one lane at a time, which is nobody's until it comes back", async (t) => {
  const { preparation, preparer, did, tracked, end } = stage(ready('a'), ready('b'));
  preparation.soon();
  await later();
  t.strictSame(did, [], 'there is no preparer');
  preparation.use(preparer);
  preparation.soon();
  preparation.soon();
  await until(() => did.length > 0, 'the preparation begins');
  t.equal(preparation.count, 1);
  preparation.soon();
  await later();
  t.strictSame(did, ['prepare b'], 'another one waits');
  end();
  await Promise.all(tracked);
  t.strictSame(did, ['prepare b', 'back b']);
  t.equal(preparation.count, 0);
  t.equal(tracked.length, 1);
});

t.test('nothing is prepared after a command has got a lane, and without an idle lane', async (t) => {
  const { preparation, preparer, did } = stage(ready('a'));
  preparation.use(preparer);
  preparation.soon();
  preparation.hold();
  await later();
  t.strictSame(did, []);
  const none = stage();
  none.preparation.use(none.preparer);
  none.preparation.soon();
  await later();
  t.strictSame(none.did, []);
  t.equal(none.preparation.count, 0);
});

t.test('what is in a lane is ended before the lane is closed', async (t) => {
  const { preparation, preparer } = stage();
  const lane = ({ lane }: ReadyLane) => preparation.discard(lane);
  t.equal(lane(ready('used')), null, 'nothing was prepared');
  preparation.use(preparer);
  t.equal(lane(ready('other')), null);
  await lane(ready('used'));
  t.ok(lane(ready('used')) instanceof Promise);
});
