/** The commands of a person, with the answers of a server. */
import t from 'tap';
import { runSlashCommand } from '../../../../clients/chat/commands/run-command.js';
import { parseInput } from '../../../../clients/chat/commands/slash-commands.js';
import type { CommandHost } from '../../../../clients/chat/commands/command-host.js';
import { createSession } from '../../../../clients/chat/session/chat-session.js';
import { fakeClient, opened, recordedEvents, turn } from '../fake-client.js';

async function stage(picks: string | null = null) {
  const fake = fakeClient();
  fake.answer('thread/start', () => opened('t'));
  fake.answer('thread/resume', ({ threadId }) => opened(threadId));
  fake.answer('model/list', () => ({
    data: [{ id: 'x', model: 'model-x', displayName: 'X', description: 'about x' }],
  }));
  fake.answer('permissionProfile/list', () => ({
    data: [
      { id: ':workspace', description: null, allowed: true },
      { id: 'locked', description: 'd', allowed: false },
    ],
  }));
  const session = createSession(fake.client, { wishes: {}, ephemeral: false }, recordedEvents().events);
  await session.start();
  fake.sent.length = 0;
  const did: string[] = [];
  const host: CommandHost = {
    say: (text) => void did.push(text),
    complain: (text) => void did.push(`error: ${text}`),
    showDiff: (text) => void did.push(text),
    async pick(title, choices) {
      did.push(title, ...choices.map(({ value, label, about }) => [value, label, about].join(' | ')));
      return picks;
    },
    attach: (_image, name) => void did.push(`attach ${name}`),
    quit: () => void did.push('quit'),
    keys: ['KEYS'],
    sendsImages: false,
  };
  const run = async (text: string): Promise<string[]> => {
    const parsed = parseInput(text);
    if (parsed.kind === 'message') throw new Error(`${text} is a message`);
    await runSlashCommand(parsed, session, host);
    return did.splice(0);
  };
  return { ...fake, session, run, requests: () => fake.sent.splice(0) };
}

t.test('the model: by name, from the list, with an effort, and one that is not listed', async (t) => {
  const { run, requests } = await stage('model-x');
  const changed = () => requests().flatMap(([method, params]) => (method === 'thread/settings/update' ? [params] : []));
  t.strictSame(await run('/model x high'), ['model: model-x high, from the next turn on']);
  t.strictSame(changed(), [{ model: 'model-x', effort: 'high', threadId: 't' }]);
  t.strictSame(await run('/model'), ['Model', 'model-x | X | about x', 'model: model-x, from the next turn on']);
  t.strictSame(changed(), [{ model: 'model-x', threadId: 't' }]);
  t.strictSame(await run('/model other'), [
    'error: the server does not list the model other; it is used all the same',
    'model: other, from the next turn on',
  ]);
  const none = await stage(null);
  t.strictSame((await none.run('/model')).slice(2), [], 'nothing was chosen');
  t.strictSame(
    none.requests().map(([method]) => method),
    ['model/list'],
  );
});

t.test('permissions and approvals: what is not allowed is not offered', async (t) => {
  const { run, requests, answer } = await stage(':workspace');
  t.strictSame(await run('/permissions'), [
    'Permissions of commands',
    ':workspace | :workspace | Commands write files of the folder',
    'permissions: :workspace, from the next turn on',
  ]);
  t.match(requests().at(-1), ['thread/settings/update', { permissions: ':workspace' }]);
  answer('thread/settings/update', () => Promise.reject(new Error('the requirements forbid it')));
  t.strictSame(await run('/permissions locked'), ['error: /permissions: the requirements forbid it']);
  requests();
  t.match(await run('/approvals sometimes'), [/^error: \/approvals: one of on-request, untrusted, never is expected/]);
  t.strictSame(requests(), []);
});

t.test('another session only when nothing runs and nothing is asked', async (t) => {
  const { run, notify, ask, session } = await stage();
  notify('turn/started', { threadId: 't', turn: turn('u') });
  for (const command of ['/new', '/resume 01a2319a-111d-7000-b3d6-c188e62417fe'])
    t.match(await run(command), [/a turn is running: interrupt it first, or wait for its end$/]);
  notify('turn/completed', { threadId: 't', turn: turn('u', 'completed') });
  const { answer } = ask('item/fileChange/requestApproval', { itemId: 'i' });
  t.match(await run('/new'), ['error: /new: a question is open: answer it first']);
  session.desk.first?.choose('n');
  await answer;
  t.strictSame(await run('/resume 01a2319a-111d-7000-b3d6-c188e62417fe'), []);
  t.equal(session.state.id, '01a2319a-111d-7000-b3d6-c188e62417fe');
});

t.test('help, status, images, and what is no command', async (t) => {
  const { run, requests } = await stage();
  const [help = ''] = await run('/help');
  t.match(help, /^\/help +List[^]*\/quit +Leave[^]*KEYS$/);
  t.match(await run('/status'), [/^session +t\nmodel +m\n[^]*tokens +none yet\nserver +fake, connected$/]);
  t.strictSame(await run('/image'), ['error: /image: name a file: /image PATH']);
  t.match(await run('/image none.png'), ['error: /image: none.png: there is no such file']);
  t.strictSame(await run('/nope'), ['error: there is no command /nope; /help lists them']);
  t.strictSame(await run('/exit'), ['quit']);
  requests();
  t.strictSame(await run('/compact'), []);
  t.strictSame(requests(), [['thread/compact/start', { threadId: 't' }]]);
});
