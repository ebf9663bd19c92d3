import t from 'tap';
import { outcomeIn, setupHere } from '../../../server/services/windows-sandbox/setup-here.js';
import { notOnWindows } from '../../fixtures/windows.js';

const call = (mode: 'elevated' | 'unelevated') => ({ mode, cwd: '/', codexHome: '/none', allowLocalBinding: false });

t.test('elsewhere it says that it is for Windows', notOnWindows, async (t) => {
  for (const mode of ['elevated', 'unelevated'] as const)
    t.match(await setupHere(call(mode)), { failure: { code: 'not_windows', text: new RegExp(`the ${mode} sandbox`) } });
});

t.test('what the other process printed is read, or is no outcome', async (t) => {
  t.strictSame(outcomeIn('{"failure":null,"worldWritable":null}'), { failure: null, worldWritable: null });
  t.strictSame(outcomeIn('{"failure":null,"worldWritable":{"paths":["C:\\\\x",1],"failed":true}}'), {
    failure: null,
    worldWritable: { paths: ['C:\\x'], failed: true },
  });
  const failure = { code: 'firewall', text: 'it is off' };
  t.strictSame(outcomeIn(JSON.stringify({ failure })), { failure, worldWritable: null });
  for (const text of [
    '',
    '{',
    '[]',
    'null',
    '{}',
    '{"failure":{"code":"made up","text":"x"}}',
    '{"failure":{"code":"users"}}',
  ])
    t.equal(outcomeIn(text), null, text);
});
