import t from 'tap';
import { readSession } from '../../../server/services/external-agent/read-session.js';
import { sessionLines } from './support.js';

t.test('questions, answers, calls and results; not thoughts, notes and side conversations', (t) => {
  const { cwd, title, messages } = readSession(sessionLines('/work'));
  t.equal(cwd, '/work');
  t.equal(title, 'Please add a file');
  t.same(
    messages.map(({ role, text }) => [role, text]),
    [
      ['user', 'Please add a file'],
      [
        'assistant',
        'I will.\n\n[external_agent_tool_call: Bash]\ndescription: Make a\ncommand: touch a\n[/external_agent_tool_call]',
      ],
      ['assistant', '[external_agent_tool_result]\nok done\n[/external_agent_tool_result]'],
      ['assistant', 'Done.'],
    ],
  );
  t.ok(messages.every(({ atMs }) => atMs !== null));
  t.end();
});

t.test('the title of the person, of the agent', (t) => {
  t.equal(readSession(sessionLines('/w', { aiTitle: 'a' })).title, 'a');
  t.equal(readSession(sessionLines('/w', { customTitle: ' mine ' }, { aiTitle: 'a' })).title, 'mine');
  t.end();
});

t.test('hostile lines', (t) => {
  const user = (content: unknown): string => JSON.stringify({ type: 'user', cwd: '/w', message: { content } });
  const texts = (text: string): string[] => readSession(text).messages.map((message) => message.text);
  t.same(readSession('').messages, []);
  t.same(texts([user(5), user(null), user([null, 5, {}]), '[]', 'null', user('ok')].join('\n')), [
    '[external unsupported block: unknown]',
    'ok',
  ]);
  t.same(texts(user([{ type: 'image', source: {} }])), ['[external unsupported block: image]']);
  const [long = ''] = texts(user('x'.repeat(100_000)));
  t.ok(long.length < 70_000 && long.endsWith('characters were left out]'), String(long.length));
  const many = Array.from({ length: 20_100 }, () => user('x')).join('\n');
  t.equal(readSession(many).messages.length, 20_000);
  const nested = `{"type":"user","cwd":"/w","message":{"content":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`;
  t.same(texts(nested), []);
  t.end();
});
