import t from 'tap';
import { descendantsOf, parseStat } from '../../server/operator/descendants.js';
import { startChild } from '../fixtures/programs.js';
import { until } from '../fixtures/until.js';

t.test('a line of /proc is read although a name may contain anything', async (t) => {
  t.same(parseStat('12 (a) b (c)) S 3 4 5'), { pid: 12, parentPid: 3, program: 'a) b (c)' });
  t.equal(parseStat(''), null);
});

t.test('the processes below one are found', { skip: process.platform !== 'linux' && 'needs /proc' }, async (t) => {
  const child = startChild('sh', ['-c', 'sleep 60 & wait']);
  t.teardown(() => child.kill('SIGKILL'));
  const names = async (): Promise<string[]> => (await descendantsOf(child.pid!)).map(({ program }) => program);
  await until(async () => (await names()).includes('sleep'), 'the child of the child is there');
  t.same(await names(), ['sh', 'sleep']);
  const [, sleep] = await descendantsOf(child.pid!);
  process.kill(sleep!.pid);
  t.same(await descendantsOf(2 ** 22 + 1), [], 'no such process');
});
