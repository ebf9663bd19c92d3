/** Over a connection: another agent's files are imported, and its sessions become threads that continue. */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { say } from '../../fixtures/model-server.js';
import type { RawMessage } from '../../fixtures/raw-daemon.js';
import { scene } from '../../sessions/turn/support.js';
import { sessionLines } from './support.js';

t.setTimeout(120_000);

// Tests look at answers of every shape.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Loose = any;

async function imports(t: Test) {
  const s = await scene(t, {}, say('resumed'));
  const user = path.dirname(s.home);
  const put = (file: string, content: string | object): string => {
    const whole = path.join(user, file);
    fs.mkdirSync(path.dirname(whole), { recursive: true });
    fs.writeFileSync(whole, typeof content === 'string' ? content : JSON.stringify(content));
    return whole;
  };
  const detect = async (): Promise<Loose[]> =>
    (await s.daemon.call('externalAgentConfig/detect', { includeHome: true })).items;
  const run = async (migrationItems: unknown[], more: object = {}): Promise<{ reports: Loose[]; end: Loose }> => {
    const from = s.daemon.messages.length;
    const { importId } = await s.daemon.call('externalAgentConfig/import', { migrationItems, ...more });
    const done = await s.note('externalAgentConfig/import/completed', (params) => params.importId === importId, from);
    const reports = s.daemon.messages
      .slice(from)
      .flatMap(({ method, params }: RawMessage) =>
        method === 'externalAgentConfig/import/progress' ? [params.itemTypeResults[0]] : [],
      );
    return { reports, end: done.params.itemTypeResults };
  };
  return { ...s, user, put, detect, run };
}

t.test('detect, import, read, resume, and nothing of the source is changed', async (t) => {
  const { daemon, home, work, put, detect, run, model } = await imports(t);
  const instructions = put('.claude/CLAUDE.md', 'Claude is nice.\n');
  const file = put('.claude/projects/-w/11111111-2222-4333-8444-555555555555.jsonl', sessionLines(work));
  const old = new Date(Date.now() - 1000);
  fs.utimesSync(file, old, old);
  const before = [fs.readFileSync(file, 'utf8'), fs.readFileSync(instructions, 'utf8')];
  const items = await detect();
  t.match(items, [{ itemType: 'AGENTS_MD', cwd: null }, { itemType: 'SESSIONS' }]);
  t.strictSame(items[1].details.sessions, [{ path: file, cwd: work, title: 'Please add a file' }]);

  const { reports, end } = await run(items, { providerId: 'me' });
  t.same(
    reports.map(({ itemType, successes }) => [itemType, successes.length]),
    [
      ['SESSIONS', 0],
      ['AGENTS_MD', 1],
      ['SESSIONS', 1],
    ],
  );
  t.same(
    end.map(({ itemType }: Loose) => itemType),
    ['AGENTS_MD', 'SESSIONS'],
  );
  const [{ target: threadId }] = end[1].successes;
  t.equal(fs.readFileSync(path.join(home, 'AGENTS.md'), 'utf8'), 'Codex is nice.\n');
  t.same(before, [fs.readFileSync(file, 'utf8'), fs.readFileSync(instructions, 'utf8')]);
  t.same(await detect(), [], 'nothing is left');

  const { data } = await daemon.call('thread/list', {});
  t.match(data, [{ id: threadId, name: 'Please add a file', preview: 'Please add a file', cwd: work }]);
  const { thread } = await daemon.call('thread/read', { threadId, includeTurns: true });
  t.match(thread.turns, [{ id: 'external-import-turn-1', status: 'completed' }]);
  t.same(thread.turns[0].items.at(-1).text, '<EXTERNAL SESSION IMPORTED>');
  await daemon.call('thread/resume', { threadId });
  await daemon.call('turn/start', { threadId, input: [{ type: 'text', text: 'go on' }] });
  await daemon.next(({ method }) => method === 'turn/completed', 0);
  const input = JSON.stringify(model.requests.at(-1)?.body.input);
  t.match(input, 'Please add a file');
  t.match(input, 'external_agent_tool_call: Bash');
  t.notMatch(input, 'secret thought');

  const histories = await daemon.call('externalAgentConfig/import/readHistories', undefined);
  t.match(histories, { data: [{ providerId: 'me', failures: [] }], connectors: [] });
  t.equal(histories.data[0].successes.length, 2);
});

t.test('a session that was continued continues in its thread', async (t) => {
  const { daemon, work, put, detect, run } = await imports(t);
  const file = '.claude/projects/-w/s.jsonl';
  put(file, sessionLines(work));
  const [{ target: first }] = (await run(await detect())).end[0].successes;
  const later = { type: 'user', cwd: work, message: { content: 'More' }, timestamp: '2026-01-02T04:00:00.000Z' };
  put(file, sessionLines(work, later));
  const items = await detect();
  t.equal((await run(items)).end[0].successes[0].target, first);
  const turns = async (): Promise<string[]> =>
    (await daemon.call('thread/read', { threadId: first, includeTurns: true })).thread.turns.map(({ id }: Loose) => id);
  t.same(await turns(), ['external-import-turn-1', 'external-import-turn-2']);
  t.same((await run(items)).end, [{ itemType: 'SESSIONS', successes: [], failures: [] }], 'there is nothing new');
  t.equal((await turns()).length, 2);

  put(file, sessionLines(work, later, { ...later, message: { content: 'Even more' } }));
  await daemon.call('thread/resume', { threadId: first });
  const { end } = await run(await detect());
  t.match(end, [{ successes: [], failures: [{ failureStage: 'session_import', source: /s\.jsonl$/ }] }]);
});

t.test('what cannot be imported says so', async (t) => {
  const { daemon, user, put, run } = await imports(t);
  const item = (itemType: string, details: object | null = null, cwd: string | null = null) => ({
    ...{ itemType, description: 'd', cwd },
    details: details && {
      ...{ plugins: [], skills: [], sessions: [], mcpServers: [], hooks: [], subagents: [], commands: [] },
      ...details,
    },
  });
  const outside = put('outside.jsonl', sessionLines('/w'));
  const session = { path: outside, cwd: '/w', title: null };
  t.match((await run([item('SESSIONS', { sessions: [session] })])).end, [
    {
      successes: [],
      failures: [
        {
          subErrorType: 'session_not_detected',
          failureStage: 'session_missing',
          message: `external agent session was not detected for import: ${outside}`,
        },
      ],
    },
  ]);
  t.match((await run([item('PLUGINS')])).end, [
    { failures: [{ message: /codexd imports nothing of the type PLUGINS/ }] },
  ]);
  t.match((await run([item('AGENTS_MD'), item('CONFIG', null, user)])).end, [
    { itemType: 'CONFIG', successes: [], failures: [] },
    { itemType: 'AGENTS_MD', successes: [], failures: [] },
  ]);
  const call = (params: object) => daemon.call('externalAgentConfig/import', params);
  await t.rejects(call({ migrationItems: [item('MEMORY')] }), { message: /external agent memory import is disabled/ });
  await t.rejects(call({ migrationItems: [item('CONFIG')], migrationSource: 'cursor' }), { message: /`cursor`/ });
  t.same(await daemon.call('externalAgentConfig/detect', { includeHome: true, migrationSource: 'cursor' }), {
    items: [],
    connectors: [],
  });
});

t.test('imports of other programs are recorded', async (t) => {
  const { daemon } = await imports(t);
  const success = { itemType: 'SESSIONS', cwd: '/w', source: 's', target: 't' };
  const failure = {
    ...{ itemType: 'SESSIONS', errorType: 'e', subErrorType: null, failureStage: 'f' },
    ...{ message: 'm', cwd: null, source: null },
  };
  const result = { itemType: 'SESSIONS', successes: [success], failures: [failure] };
  const { importId } = await daemon.call('externalAgentConfig/import/recordHistory', {
    providerId: 'p',
    itemTypeResults: [result],
  });
  const { data } = await daemon.call('externalAgentConfig/import/readHistories', undefined);
  t.match(data, [{ importId, providerId: 'p', successes: [{ ...success, title: null }], failures: [failure] }]);
});
