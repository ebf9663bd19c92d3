/** Injected items in requests of a real daemon: they come behind the first context (docs/protocol/threads.md §10). */
import fs from 'node:fs';
import t from 'tap';
import { say } from '../../fixtures/model-server.js';
import { calls, run, scene, type Scene } from '../turn/support.js';

const injected = (text: string) => ({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
const inject = (s: Scene, ...texts: string[]) =>
  s.daemon.call('thread/inject_items', { threadId: s.threadId, items: texts.map(injected) });
/** The first words of each item that the model was sent. */
const sent = (s: Scene): string[] =>
  s
    .input()
    .slice(1)
    .map(({ type, content }) =>
      String(content === undefined ? type : content[0].text)
        .split(/[\n>]/, 1)[0]!
        .split(' ')
        .slice(0, 3)
        .join(' ')
        .trim(),
    );
const CONTEXT = ['<skills_instructions', '# AGENTS.md instructions'];

t.test('items that are injected before the first turn come after the context, also after a restart', async (t) => {
  const s = await scene(t, {}, say('one'), say('two'));
  fs.writeFileSync(`${s.work}/AGENTS.md`, 'be nice');
  await inject(s, 'A', 'B');
  await inject(s, 'C');
  const again = await s.again();
  await again.turn('first');
  t.strictSame(sent(again), [...CONTEXT, 'A', 'B', 'C', 'first']);
  await inject(again, 'D');
  await again.turn('second');
  t.strictSame(sent(again), [...CONTEXT, 'A', 'B', 'C', 'first', 'one', 'D', 'second'], 'nothing is told twice');
});

t.test('a change between an injected item and the first turn comes after the item', async (t) => {
  const s = await scene(t, {}, say('one'));
  await inject(s, 'A');
  await s.turn('first', { approvalPolicy: 'on-request' });
  t.match(sent(s).slice(-3), ['A', '<permissions instructions', 'first']);
});

t.test('an item that is injected while a command runs comes after its output', async (t) => {
  const s = await scene(t, { start: { sandbox: 'danger-full-access' } }, calls(run('sleep 1', 'c1')), say('end'));
  const turn = await s.begin('go');
  await s.note('item/started', ({ item }) => item.type === 'commandExecution');
  await inject(s, 'A');
  await s.ended(turn.id);
  t.match(sent(s).slice(-3), ['function_call', 'function_call_output', 'A']);
  const again = await s.again();
  await again.turn('next');
  t.match(sent(again).slice(-5), ['function_call', 'function_call_output', 'A', 'end', 'next'], 'as on disk');
});
