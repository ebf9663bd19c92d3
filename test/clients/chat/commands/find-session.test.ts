/** The session that a person means. */
import t from 'tap';
import { ageOf, findSession, lastSession } from '../../../../clients/chat/commands/find-session.js';
import type { Pickable } from '../../../../clients/chat/commands/command-host.js';
import { fakeClient, matchAll, type Loose } from '../fake-client.js';

const UUID = '01a2319a-111d-7000-b3d6-c188e62417fe';
const session = (id: string, more: object = {}) => ({ id, name: null, preview: '', cwd: '/w', updatedAt: 0n, ...more });

function stage(...data: Loose[]) {
  const fake = fakeClient();
  fake.answer('thread/list', () => ({ data }));
  const listed: Pickable[] = [];
  const host = {
    pick: async (_title: string, choices: readonly Pickable[]) => {
      listed.push(...choices);
      return choices[0]?.value ?? null;
    },
  };
  return { ...fake, listed, find: (word: string) => findSession(fake.client, word, host) };
}

t.test('an id, its beginning, or a name', async (t) => {
  const { find, sent } = stage(session('abc1'), session('abd2', { name: 'abc' }), session('xyz3', { name: 'twice' }), {
    ...session('uvw4', { name: 'twice' }),
  });
  t.equal(await find(UUID), UUID);
  t.strictSame(sent, [], 'an id needs no list');
  t.equal(await find('XYZ'), 'xyz3');
  await t.rejects(find('abc'), { message: 'more than one session of the last 50 is called abc' });
  await t.rejects(find('twice'), { message: /^more than one/ });
  await t.rejects(find('none'), { message: 'no session of the last 50 is called none' });
});

t.test('a list has what a person recognizes, safe', async (t) => {
  const { find, listed } = stage(
    session('one', { preview: 'fix\n\u001bit', cwd: '/w\u202e' }),
    session('two', { name: 'named', preview: 'not this' }),
    session('three'),
  );
  t.equal(await find(''), 'one');
  matchAll(t, listed, [
    { value: 'one', label: 'fix \\u001bit', about: /^\d+ days ago, \/w\\u202e$/ },
    { value: 'two', label: 'named' },
    { value: 'three', label: 'three' },
  ]);
  await t.rejects(stage().find(''), { message: 'there is no earlier session' });
});

t.test('the last session of a folder, or of all', async (t) => {
  const { client, sent } = stage(session('one'));
  t.equal(await lastSession(client, '/w'), 'one');
  t.match(sent[0]?.[1], { cwd: '/w', limit: 1, sortKey: 'updated_at' });
  t.equal(await lastSession(client, null), 'one');
  t.notOk('cwd' in sent[1]?.[1]);
  const none = stage();
  await t.rejects(lastSession(none.client, '/w'), { message: 'there is no earlier session of /w' });
  await t.rejects(lastSession(none.client, null), { message: 'there is no earlier session' });
});

t.test('ages', async (t) => {
  const minute = 60_000;
  for (const [minutes, text] of [
    [-5, 'just now'],
    [0.9, 'just now'],
    [59, '59 min ago'],
    [60, '1 h ago'],
    [47 * 60, '47 h ago'],
    [48 * 60, '2 days ago'],
  ] as const)
    t.equal(ageOf(0, minutes * minute), text);
});
