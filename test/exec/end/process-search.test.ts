import t from 'tap';
import { countLiving, findMembers, type Origin } from '../../../server/exec/end/process-search.js';
import { startChild } from '../../fixtures/programs.js';
import { until } from '../../fixtures/until.js';
import { alive, marker } from '../support/processes.js';

const skip = process.platform === 'linux' ? false : 'only Linux has /proc';

t.test('what descends from the living first process of another command is not looked at', { skip }, async (t) => {
  const mark = `mark-${marker()}`;
  const word = marker();
  const other = startChild('/bin/sh', ['-c', `sleep ${word} & wait`], { env: { M: mark }, stdio: 'ignore' });
  t.teardown(() => alive(word).forEach((pid) => process.kill(pid, 'SIGKILL')));
  await until(() => alive(`sleep\0${word}`).length === 1, 'it has a child');
  const family = [other.pid, ...alive(`sleep\0${word}`)].sort();
  const own: Origin = { pid: process.pid, since: Date.now(), newestBefore: null, exited: true };
  const found = (): (number | undefined)[] =>
    findMembers(own, { mark, networkNamespace: null, sandboxed: false })
      .members.map(({ pid }) => pid)
      .sort();
  t.same(found(), family, 'they have the mark');
  const exited = countLiving(other.pid ?? 0);
  t.same(found(), []);
  exited();
  t.same(found(), family);
});
