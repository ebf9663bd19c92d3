/** The official program reads threads that codexd wrote, and the other way round. */
import t from 'tap';
import type { ThreadItem } from '../../../schema/protocol/threads/item.js';
import type { Turn } from '../../../schema/protocol/threads/turn.js';
import { itemToRecord } from '../../../server/sessions/store/records/item-record.js';
import { legacyRecords } from '../../../server/sessions/store/records/legacy-event.js';
import { newId } from '../../../server/sessions/store/records/thread-id.js';
import { findReference, NOT_INSTALLED, startReference } from './reference-program.js';
import { allTurns, brief, completed, makeHome, metaOf, started, turnOf, user, words, writeThread } from './support.js';

const program = findReference();
if (program === null) {
  t.plan(0, NOT_INSTALLED);
} else {
  const times = { startedAtMs: 1_759_312_800_000, completedAtMs: 1_759_312_800_500 };
  const path = '/x/a.txt';
  /** One item of every stored kind, in the protocol's form. */
  const items: readonly ThreadItem[] = [
    {
      type: 'userMessage',
      id: 'u1',
      clientId: 'client',
      content: [
        { type: 'text', text: 'hello', text_elements: [{ byteRange: { start: 0, end: 2 }, placeholder: 'x' }] },
        { type: 'image', url: 'data:image/png;base64,AAAA', detail: null },
        { type: 'localImage', detail: null, path: '/x/pic.png' },
        { type: 'skill', name: 's', path: '/x/SKILL.md' },
        { type: 'mention', name: 'm', path: 'app://x' },
      ],
    },
    { type: 'reasoning', id: 'r1', summary: ['one', 'two'], content: ['raw'] },
    {
      type: 'agentMessage',
      moderation: null,
      id: 'a1',
      text: 'an answer',
      phase: 'final_answer',
      memoryCitation: null,
      delivery: null,
      questions: null,
    },
    { type: 'plan', id: 'p1', text: 'a plan' },
    {
      type: 'commandExecution',
      id: 'c1',
      pluginId: null,
      scriptPath: null,
      command: `/bin/bash -lc "echo 'a b'; exit 3"`,
      cwd: '/x/a b',
      processId: '17',
      source: 'unifiedExecStartup',
      status: 'failed',
      commandActions: [
        { type: 'read', command: 'cat a', name: 'a', path: '/x/a' },
        { type: 'listFiles', command: 'ls', path: null },
        { type: 'search', command: 'rg q', query: 'q', path: 'd' },
        { type: 'unknown', command: 'x' },
      ],
      aggregatedOutput: 'out\n',
      exitCode: 3,
      durationMs: 1234,
    },
    {
      type: 'fileChange',
      id: 'f1',
      changes: [
        { path, kind: { type: 'add' }, diff: 'hello\n' },
        { path: '/x/b.txt', kind: { type: 'delete' }, diff: 'bye\n' },
        {
          path: '/x/c.txt',
          kind: { type: 'update', move_path: '/x/d.txt' },
          diff: '@@ -1 +1 @@\n-a\n+b\n\n\nMoved to: /x/d.txt',
        },
      ],
      status: 'completed',
    },
    {
      type: 'mcpToolCall',
      id: 'm1',
      server: 's',
      environmentId: null,
      tool: 't',
      status: 'completed',
      arguments: { q: 1 },
      appContext: null,
      mcpAppUi: null,
      pluginId: null,
      readOnlyHint: null,
      result: { content: [{ type: 'text', text: 'x' }], structuredContent: null, _meta: null },
      error: null,
      durationMs: 1000,
    },
    {
      type: 'mcpToolCall',
      id: 'm2',
      server: 's',
      environmentId: null,
      tool: 't',
      status: 'failed',
      arguments: null,
      appContext: null,
      mcpAppUi: null,
      pluginId: null,
      readOnlyHint: null,
      result: null,
      error: { message: 'no' },
      durationMs: 2,
    },
    {
      type: 'dynamicToolCall',
      id: 'd1',
      namespace: null,
      tool: 'lookup',
      arguments: { q: 1 },
      status: 'completed',
      contentItems: [{ type: 'inputText', text: 'res' }],
      success: true,
      durationMs: 3,
    },
    {
      type: 'webSearch',
      id: 'w1',
      query: 'cats',
      action: { type: 'search', query: 'cats', queries: ['cats'] },
      results: null,
    },
    { type: 'webSearch', id: 'w2', query: 'u', action: { type: 'openPage', url: 'http://x/' }, results: null },
    { type: 'imageView', id: 'i1', path: '/x/pic.png' },
    {
      type: 'imageGeneration',
      id: 'g1',
      status: 'completed',
      revisedPrompt: 'r',
      result: 'AAAA',
      transparentBackground: null,
      failure: null,
      generationId: null,
    },
    {
      type: 'collabAgentToolCall',
      id: 'k1',
      tool: 'spawnAgent',
      status: 'completed',
      senderThreadId: '0199aaaa-0000-7000-8000-000000000001',
      receiverThreadIds: [],
      prompt: 'p',
      model: 'm',
      reasoningEffort: null,
      agentsStates: {},
    },
    { type: 'hookPrompt', id: 'h1', fragments: [{ text: 'a', hookRunId: 'r' }] },
    { type: 'functionCallOutput', id: 'o1', name: 'n', namespace: null, output: 'x' },
    { type: 'enteredReviewMode', id: 'e1', review: 'current changes' },
    { type: 'exitedReviewMode', id: 'x1', review: 'fine' },
    { type: 'contextCompaction', id: 'cc1' },
  ].map((item) => ({ ...item, ...times }) as ThreadItem);

  t.test('items of every kind that codexd wrote are the same in the official program', async (t) => {
    const home = makeHome(t);
    const id = newId();
    const writer = await home.store.create(
      metaOf(id, { timestamp: new Date().toISOString(), history_mode: 'paginated', model_provider: 'mock' }),
    );
    writer.append([started('T1'), user('hello')]);
    for (const item of items) writer.append([{ type: 'event_msg', payload: itemToRecord(id, 'T1', item) }]);
    writer.append([completed('T1', { completed_at: 1, duration_ms: 2 })]);
    await writer.close();
    t.strictSame((await allTurns(home.store, id))[0]?.items, items, 'read back by us');
    const reference = await startReference(t, program, home.path);
    const { thread } = (await reference.call('thread/resume', { threadId: id })) as unknown as {
      thread: { turns: Turn[]; preview: string };
    };
    const theirs = new Map(thread.turns[0]?.items.map((item) => [item.id, item]));
    for (const item of items) t.strictSame(theirs.get(item.id), item, `${item.type} ${item.id}`);
    t.equal(thread.turns[0]?.items.length, items.length);
  });

  t.test('legacy threads: the items that such a thread stores', async (t) => {
    const home = makeHome(t);
    const id = newId();
    const writer = await home.store.create(
      metaOf(id, { timestamp: new Date().toISOString(), history_mode: 'legacy', model_provider: 'mock' }),
    );
    writer.append([started('T1'), ...items.flatMap((item) => legacyRecords(id, 'T1', item)), completed('T1')]);
    await writer.close();
    const ours = await allTurns(home.store, id);
    const reference = await startReference(t, program, home.path);
    const { thread } = (await reference.call('thread/read', { threadId: id, includeTurns: true })) as unknown as {
      thread: { turns: Turn[] };
    };
    t.strictSame(ours, thread.turns);
  });

  t.test('the official program lists, reads, resumes and continues threads of codexd', async (t) => {
    const home = makeHome(t);
    const ids: string[] = [];
    for (const mode of ['paginated', 'legacy', 'paginated', 'legacy'] as const) {
      const turns: [string, string, string][] = [
        ['T1', `one ${mode}`, 'a1'],
        ['T2', 'two', 'a2'],
        ['T3', 'three', 'a3'],
      ];
      ids.push(await writeThread(home.store, turns, { history_mode: mode, model_provider: 'mock' }));
    }
    const reference = await startReference(t, program, home.path);
    const { data } = (await reference.call('thread/list', {})) as unknown as {
      data: { id: string; preview: string }[];
    };
    t.strictSame(data.map(({ id }) => id).sort(), [...ids].sort(), 'listed');
    for (const id of ids) {
      const head = await home.store.head((await home.store.find(id)) as never);
      t.equal(data.find((thread) => thread.id === id)?.preview, head.preview, 'the same preview');
      await reference.call('thread/resume', { threadId: id });
      await reference.turn(id, 'four');
      const said = reference
        .lastInput()
        .flatMap(({ role, content }) => (role === 'user' ? (content?.[0]?.text ?? '') : []));
      t.ok(said.includes('two') && said.includes('three'), 'its model sees our history');
      await t.rejects(home.store.open((await home.store.find(id)) as never), /already has an active writer/);
    }
    await reference.stop();
    for (const id of ids) {
      const turns = await allTurns(home.store, id);
      t.strictSame(turns.map((turn) => words(turn.items[0] as ThreadItem)).slice(1), ['two', 'three', 'four']);
      const writer = await home.store.open((await home.store.find(id)) as never);
      writer.append(turnOf(id, 'T5', 'five', 'a5'));
      await writer.close();
    }
  });

  t.test('the official program reads reverts and forks of codexd as codexd does', async (t) => {
    const home = makeHome(t);
    const id = await writeThread(
      home.store,
      [1, 2, 3, 4].map((n) => [`T${n}`, `q${n}`, `a${n}`] as [string, string, string]),
      { history_mode: 'paginated', model_provider: 'mock' },
    );
    const open = async () => home.store.open((await home.store.find(id)) as never);
    let writer = await home.store.revert(await open(), 'T3');
    writer.append(turnOf(id, 'T5', 'q5', 'a5'));
    writer.append(turnOf(id, 'T6', 'q6', 'a6'));
    writer = await home.store.revert(writer, 'T6');
    writer.append(turnOf(id, 'T7', 'q7', 'a7'));
    await writer.close();
    const fork = newId();
    const forked = await home.store.fork(
      (await home.store.find(id)) as never,
      metaOf(fork, { timestamp: new Date().toISOString(), model_provider: 'mock' }),
      3,
    );
    forked.append(turnOf(fork, 'T8', 'q8', 'a8'));
    await forked.close();
    const legacy = await writeThread(
      home.store,
      [
        ['L1', 'l1', 'a'],
        ['L2', 'l2', 'b'],
      ],
      { model_provider: 'mock' },
    );
    const copy = newId();
    await (
      await home.store.fork(
        (await home.store.find(legacy)) as never,
        metaOf(copy, { timestamp: new Date().toISOString(), model_provider: 'mock' }),
        1,
      )
    ).close();
    const reference = await startReference(t, program, home.path);
    for (const [threadId, expected] of [
      [id, ['T1', 'T2', 'T5', 'T7']],
      [fork, ['T1', 'T2', 'T5', 'T8']],
      [copy, ['L1']],
    ] as const) {
      const ours = await allTurns(home.store, threadId);
      t.strictSame(
        ours.map((turn) => turn.id),
        expected,
      );
      const resumed = await reference.call('thread/resume', { threadId });
      if (threadId === copy) {
        t.strictSame(brief((resumed as unknown as { thread: { turns: Turn[] } }).thread.turns), brief(ours));
      }
      // It shows turns of other files only if it has read those before (docs/protocol/threads.md §12.3). Its model's
      // input is complete.
      await reference.turn(threadId, 'next');
      const said = reference
        .lastInput()
        .flatMap(({ role, content }) => (role === 'user' ? (content?.[0]?.text ?? '') : []));
      const questions = ours.map((turn) => words(turn.items[0] as ThreadItem));
      t.strictSame(
        said.filter((text) => /^[ql]\d$/.test(text)),
        questions,
      );
    }
    t.match(await reference.error('thread/delete', { threadId: id }), {
      message: /forked history still references it/,
    });
  });

  t.test('codexd reads threads of the official program as it shows them: reverted, forked, archived', async (t) => {
    const home = makeHome(t);
    const reference = await startReference(t, program, home.path);
    const start = async (historyMode: string): Promise<string> => {
      const { thread } = (await reference.call('thread/start', { historyMode })) as unknown as {
        thread: { id: string };
      };
      for (const text of ['one', 'two', 'three']) await reference.turn(thread.id, text);
      return thread.id;
    };
    const ids = [await start('paginated'), await start('legacy')];
    const [first] = ids as [string, string];
    const turns = async (threadId: string): Promise<Turn[]> => {
      const read = await reference.call('thread/read', { threadId, includeTurns: true });
      return (read as unknown as { thread: { turns: Turn[] } }).thread.turns;
    };
    for (const id of ids) t.strictSame(await allTurns(home.store, id), await turns(id));
    await reference.call('thread/revert', { threadId: first, beforeTurnId: (await turns(first))[2]?.id });
    await reference.turn(first, 'four');
    for (const source of [...ids]) {
      const { thread } = (await reference.call('thread/fork', { threadId: source })) as unknown as {
        thread: { id: string };
      };
      await reference.turn(thread.id, 'in the fork');
      ids.push(thread.id);
    }
    for (const id of ids) t.strictSame(await allTurns(home.store, id), await turns(id));
    await reference.call('thread/archive', { threadId: first });
    t.match(await home.store.find(first), { archived: true });
    for (const id of ids)
      t.strictSame(await allTurns(home.store, id), await turns(id), 'also when a source is archived');
    t.equal(home.store.all().length, ids.length);
  });
}
