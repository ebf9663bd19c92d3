import fc from 'fast-check';
import t from 'tap';
import { PathIndex } from '../../server/file-search/match/path-index.js';
import { MOST_RESULTS, Ranking } from '../../server/file-search/ranking.js';

function indexOf(paths: readonly string[]): PathIndex {
  const index = new PathIndex();
  for (const path of paths) index.add(0, path.replace(/\/$/, ''), path.endsWith('/'));
  return index;
}
function finished(ranking: Ranking, atOnce = 1000): Ranking {
  while (!ranking.isDone) ranking.advance(atOnce);
  return ranking;
}
const NAME = 65_536;
const search = (paths: readonly string[], query: string): string[] =>
  finished(new Ranking(indexOf(paths), query))
    .results(() => 'ROOT')
    .map(({ path, score }) => `${path} ${Math.floor(score / NAME)}N+${score % NAME}`);

t.test('names of files come first, and names that are the query before them', async (t) => {
  t.same(search(['foo/', 'foo/bar.rs', 'bar/', 'bar/foo.rs', 'a/', 'a/foo/', 'a/foo/z', 'x/foo'], 'foo'), [
    'x/foo 3N+84',
    'foo 2N+84',
    'bar/foo.rs 1N+84',
    'a/foo 0N+84',
    'a/foo/z 0N+84',
    'foo/bar.rs 0N+84',
  ]);
  t.same(search(['abc/xaxbxc', 'abc/def'], 'abc'), ['abc/xaxbxc 1N+42', 'abc/def 0N+84']);
});

t.test('a query that is no name has no such order', async (t) => {
  t.same(search(['foo', 'bar/foo'], '^foo'), ['foo 0N+84']);
  t.same(search(['foo/bar.rs'], 'foo/bar'), ['foo/bar.rs 0N+184']);
  t.same(search(['a', 'b'], '!a'), ['b 0N+0']);
  t.same(search(['/', 'b'], '  '), [' 0N+0', 'b 0N+0']);
  t.same(search(['a'], ''), []);
});

t.test('of equal scores those whose whole path counts more come through, then the shorter ones', async (t) => {
  const short = Array.from({ length: 60 }, (_, at) => `a/x_main${at}.c`);
  const better = Array.from({ length: 45 }, (_, at) => `b/longer/main/x_main${at}.c`);
  const found = search([...short, ...better], 'main');
  t.equal(found.filter((path) => path.startsWith('b/')).length, 45);
  t.same(
    found.filter((path) => path.startsWith('a/')),
    [0, 1, 2, 3, 4].map((at) => `a/x_main${at}.c 1N+104`),
  );
});

t.test('one folder has the name: the highest, of those the one in this case', async (t) => {
  t.same(search(['x/y/Q/', 'z/q/', 'a/Q/'], 'q')[0], 'z/q 2N+34');
  t.same(search(['x/y/q/', 'a/Q/'], 'q')[0], 'a/Q 2N+34');
});

t.test('at most fifty results come, the best, in pieces and after an earlier query as well', async () => {
  const path = fc.array(fc.constantFrom('a', 'b', 'ab', 'A_b', 'ä', '/', '.b'), { minLength: 1, maxLength: 6 });
  const paths = fc.array(
    path.map((parts) => parts.join('')),
    { maxLength: 120 },
  );
  fc.assert(
    fc.property(paths, fc.constantFrom('a', 'ab', 'b.', 'ä', 'bb'), fc.nat({ max: 2 }), (paths, query, cut) => {
      const index = indexOf(paths);
      const results = (ranking: Ranking) => JSON.stringify(ranking.results(() => ''));
      const whole = finished(new Ranking(index, query));
      const earlier = finished(new Ranking(index, query.slice(0, cut)), 3);
      const continued = finished(new Ranking(index, query, earlier), 7);
      return results(whole) === results(continued) && whole.results(() => '').length <= MOST_RESULTS;
    }),
  );
});
