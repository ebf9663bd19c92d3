/** The number of lanes follows from the descriptors, and leaves some for everything else. */
import t from 'tap';
import {
  descriptorsOfALane,
  descriptorsToMakeOne,
  openFilesLimit,
  poolSize,
} from '../../../server/network-approval/lanes/pool-size.js';

t.test('lanes leave half of the descriptors to other uses', async (t) => {
  for (const limit of [1024, 4096, 20_000, 1_048_576]) {
    const { pairsPerLane, maxLanes } = poolSize(limit);
    t.ok(maxLanes * (2 * pairsPerLane + 2) <= limit / 2 && maxLanes >= 15, `${limit}: ${maxLanes} of ${pairsPerLane}`);
  }
  t.strictSame(poolSize(1).maxLanes, 1, 'one, to fail with the reason');
});

t.test('a lane needs its sockets, and more to be worth making', async (t) => {
  t.ok(openFilesLimit() > 0);
  t.ok(descriptorsOfALane({ pairsPerLane: 8 }) >= 16);
  t.ok(descriptorsToMakeOne({ pairsPerLane: 8 }) > descriptorsOfALane({ pairsPerLane: 8 }));
});
