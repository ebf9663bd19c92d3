import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Client } from '../typescript/index.js';
import type { NotificationParams } from '../../schema/registry.js';
import { expect } from './acts.js';
import { command, explain, gap, result, title } from './say.js';
import { TURN_PROFILE, type Scene } from './scene.js';

type Item = NotificationParams<'item/completed'>['item'];
type Turn = NotificationParams<'turn/completed'>['turn'];

/** The host that the turn requests. No rule of this profile lists it. */
const ASKED_HOST = 'localhost';
const PROMPT = 'Is the meeting still at four? Ask the host and correct the notes.';

/** Step four: a turn. The model is a cassette; commands, approval, response and file are real. */
export async function turnAct(client: Client, scene: Scene): Promise<void> {
  title('4. A turn: a model works, and asks before it reaches out');
  explain(
    'A thread with the sandbox of a workspace. What the model says was written beforehand (a cassette, so that no key is ' +
      'needed); what it does happens now: a command, a request to a host that no rule lists, and a change to a file.',
  );
  const asked: string[] = [];
  const items: Item[] = [];
  const { thread } = await client.request('thread/start', {
    cwd: scene.work,
    approvalPolicy: 'on-request',
    permissions: TURN_PROFILE,
    ephemeral: true,
  });
  let done: (turn: Turn) => void = () => {};
  const ended = new Promise<Turn>((resolve) => (done = resolve));
  const dispose = [
    client.onNotification('item/completed', ({ item }) => {
      items.push(item);
      show(item);
    }),
    client.onNotification('turn/completed', ({ turn }) => done(turn)),
    client.onRequest('item/commandExecution/requestApproval', ({ networkApprovalContext }) => {
      const host = networkApprovalContext?.host ?? 'nothing';
      asked.push(host);
      result('asked:', `may this command reach ${host}?`);
      result('answered:', 'yes, this once');
      gap();
      return { decision: 'accept' };
    }),
  ];
  try {
    result('person:', PROMPT);
    gap();
    await client.request('turn/start', {
      threadId: thread.id,
      input: [{ type: 'text', text: PROMPT, text_elements: [] }],
    });
    const { status, error } = await within(ended, TURN_TIMEOUT_MS);
    expect(status === 'completed', `the turn ${status}: ${error?.message ?? ''}`);
  } finally {
    for (const undo of dispose) undo();
  }
  const commands = items.filter((item) => item.type === 'commandExecution');
  expect(
    commands.length === 2 && commands.every(({ exitCode }) => exitCode === 0),
    'the commands of the turn did not succeed',
  );
  expect(asked.join() === ASKED_HOST, `the turn asked for ${asked.join() || 'nothing'}`);
  expect(scene.requests.includes('/meeting'), 'the host was not reached');
  expect(
    items.some((item) => item.type === 'fileChange' && item.status === 'completed') &&
      readFileSync(path.join(scene.work, 'notes.txt'), 'utf8') === 'The meeting is at five.\n',
    'the file was not changed',
  );
  explain(
    'The command waited at the proxy until the person answered; had the answer been no, it would have been killed on the ' +
      'spot, and the model told why. The patch ran inside of the same sandbox as the commands.',
  );
}

/** The cassette takes one or two seconds. The rest is for slow machines. In ms. */
const TURN_TIMEOUT_MS = 60_000;

async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`the turn did not end within ${ms / 1000} s`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function show(item: Item): void {
  switch (item.type) {
    case 'agentMessage':
      result('model:', item.text);
      break;
    case 'commandExecution':
      command(item.command);
      if (item.aggregatedOutput) result('output:', item.aggregatedOutput);
      result('exit code:', String(item.exitCode));
      break;
    case 'fileChange':
      for (const { path: file, diff } of item.changes) {
        result('changed:', path.basename(file));
        result('', diff);
      }
      break;
    default:
      return;
  }
  gap();
}
