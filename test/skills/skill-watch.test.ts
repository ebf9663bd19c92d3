import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { silentLogger } from '../../server/log/log.js';
import { createSkillWatch } from '../../server/skills/skill-watch.js';
import { elapse, until } from '../fixtures/until.js';

t.setTimeout(60_000);

t.test('changes in roots, below them, and in roots that come later', async (t) => {
  const root = fs.realpathSync(t.testdir({ there: { one: { 'SKILL.md': 'x' } } }));
  let roots = [path.join(root, 'there'), path.join(root, 'later')];
  let told = 0;
  const watch = createSkillWatch({ roots: () => roots, onChange: () => told++, log: silentLogger });
  t.teardown(() => watch.close());
  watch.look();
  /** The watches are made a moment after the look, so that the change is made until it is heard. */
  const hears = async (what: string, change: (n: number) => void) => {
    const before = told;
    let n = 0;
    await until(() => {
      change(n++);
      return told > before;
    }, what);
  };
  const write = (name: string) => (n: number) => {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), `${n}`);
  };
  await hears('a skill', write('there/one/SKILL.md'));
  await hears('a new skill', write('there/two/SKILL.md'));
  await hears('the new skill again', write('there/two/SKILL.md'));
  await hears('a root that came later', write('later/three/SKILL.md'));
  roots = [];
  watch.look();
  await elapse(1_500, 'no watch is left, and what was heard has been told');
  const before = told;
  write('there/one/SKILL.md')(99);
  await elapse(1_500, 'nothing is told of a root that does not count');
  t.equal(told, before);
});

t.test('clients hear at most once a second', async (t) => {
  const root = fs.realpathSync(t.testdir({ one: {} }));
  const times: number[] = [];
  const watch = createSkillWatch({
    roots: () => [root],
    onChange: () => times.push(performance.now()),
    log: silentLogger,
  });
  t.teardown(() => watch.close());
  watch.look();
  let n = 0;
  await until(() => {
    fs.writeFileSync(path.join(root, 'one', 'SKILL.md'), `${n++}`);
    return times.length >= 3;
  }, 'three notifications');
  const gaps = times.slice(1).map((time, at) => time - (times[at] ?? 0));
  t.ok(
    gaps.every((gap) => gap > 950),
    gaps.join(),
  );
});
