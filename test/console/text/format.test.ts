import t from 'tap';
import { baseName, bytes, clock, commandLine, count, duration } from '../../../clients/console/text/format.js';

t.test('sizes, durations and counts have at most three digits that matter', async (t) => {
  t.strictSame([0, 999, 1000, 1234, 99_500, 999_500, 1.5e9].map(bytes), [
    '0 B',
    '999 B',
    '1.0 kB',
    '1.2 kB',
    '100 kB',
    '1.0 MB',
    '1.5 GB',
  ]);
  t.strictSame([-5, 1234, 45_000, 150_000, 7.3e6, 2e8].map(duration), [
    '0.0 s',
    '1.2 s',
    '45 s',
    '2 min',
    '2 h',
    '2 d',
  ]);
  t.equal(count(1_234_567), '1\u2009234\u2009567');
});

t.test('the time of another day has its date', async (t) => {
  const noon = new Date(2026, 11, 1, 12, 5, 9).getTime();
  t.equal(clock(noon, noon + 1000), '12:05:09');
  t.equal(clock(noon, noon + 86_400_000), '2026-12-01 12:05:09');
});

t.test('a command line shows where each word ends', async (t) => {
  t.equal(commandLine(['git', 'commit', '-m', "it's a b", '']), "git commit -m 'it'\\''s a b' ''");
});

t.test('the last name of a path', async (t) => {
  t.strictSame(['/a/b', '/a/b/', 'C:\\x\\y', '/'].map(baseName), ['b', 'b', 'y', '/']);
});
