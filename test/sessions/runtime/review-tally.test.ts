import t from 'tap';
import { createReviewTally } from '../../../server/sessions/runtime/review-tally.js';

/** d: denied, a: anything else. The number of the review after which there were too many denials; 0: never. */
function tooManyAfter(reviews: string): number {
  const tally = createReviewTally();
  for (const [index, review] of [...reviews].entries()) {
    if (review === 'a') tally.passed();
    else if (tally.denied()) return index + 1;
  }
  return 0;
}

t.test('three denials in a row, or ten among the last fifty reviews, are too many', async (t) => {
  t.equal(tooManyAfter('ddd'), 3);
  t.equal(tooManyAfter('ddaddadda'), 0);
  t.equal(tooManyAfter('dda'.repeat(6)), 14, 'the tenth denial');
  t.equal(tooManyAfter(`${'dda'.repeat(4)}${'a'.repeat(50)}dd`), 0, 'old reviews do not count');
});

t.test('a closed tally holds nothing', async (t) => {
  const tally = createReviewTally();
  tally.denied();
  t.match(tally, { held: 1, inARow: 1, recent: 1 });
  tally.close();
  t.match(tally, { held: 0, inARow: 0, recent: 0 });
});
