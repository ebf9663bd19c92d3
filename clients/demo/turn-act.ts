import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Client } from '../typescript/index.js';
import type { Signal } from '../typescript/platform.js';
import type { NotificationParams } from '../../schema/registry.js';
import { expect } from './acts.js';
import type { Person } from './person.js';
import { command, explain, gap, result, title, verbatim } from './say.js';
import { TURN_PROFILE, type Scene } from './scene.js';

type Item = NotificationParams<'item/completed'>['item'];
type Turn = NotificationParams<'turn/completed'>['turn'];

/** The host that the turn requests. No rule of this profile lists it. */
const ASKED_HOST = 'localhost';
const PROMPT = 'Is the meeting still at four? Ask the host and correct the notes.';

/**
 * Step four: a turn. The model is a cassette; commands, approval, response and file are real. A person who is there
 * answers the question, at the terminal or in the console; otherwise the demo does.
 */
export async function turnAct(client: Client, scene: Scene, person: Person, consoleLink: string): Promise<void> {
  title('4. A turn: a model works, and asks before it reaches out');
  explain(
    'A thread with the sandbox of a workspace. What the model says was written beforehand (a cassette, so that no key is ' +
      'needed); what it does happens now: a command, a request to a host that no rule lists, and a change to a file.',
  );
  const asked: string[] = [];
  let refused = false;
  const items: Item[] = [];
  const { thread } = await client.request('thread/start', {
    cwd: scene.work,
    approvalPolicy: 'on-request',
    permissions: TURN_PROFILE,
  });
  let done: (turn: Turn) => void = () => {};
  const ended = new Promise<Turn>((resolve) => (done = resolve));
  const dispose = [
    client.onNotification('item/completed', ({ item }) => {
      items.push(item);
      show(item);
    }),
    client.onNotification('turn/completed', ({ turn }) => done(turn)),
    client.onRequest('item/commandExecution/requestApproval', async ({ networkApprovalContext }, { signal }) => {
      const host = networkApprovalContext?.host ?? 'nothing';
      asked.push(host);
      result('asked:', `may this command reach ${host}?`);
      const answer = await answerOf(person, client, consoleLink, signal);
      result('answered:', answer.said);
      gap();
      return { decision: answer.yes ? 'accept' : 'decline' };
    }),
    client.onNotification('item/completed', ({ item }) => {
      if (item.type === 'commandExecution' && item.networkDenial) refused = true;
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
  expect(asked.join() === ASKED_HOST, `the turn asked for ${asked.join() || 'nothing'}`);
  if (refused) {
    explain(
      'You said no: the command was killed on the spot, nothing was dialled, and the model was told why. The cassette ' +
        'goes on as it was recorded, because this model cannot listen.',
    );
    return;
  }
  const commands = items.filter((item) => item.type === 'commandExecution');
  expect(
    commands.length === 2 && commands.every(({ exitCode }) => exitCode === 0),
    'the commands of the turn did not succeed',
  );
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

/**
 * Asks the person, if one is there, for as long as PERSON_MS. `signal`: the question was settled elsewhere, which is in
 * the console.
 */
async function answerOf(
  person: Person,
  client: Client,
  consoleLink: string,
  signal: Signal,
): Promise<{ readonly yes: boolean; readonly said: string }> {
  const byDemo = { yes: true, said: 'yes, this once (by the demo: nobody else is there)' };
  const inConsole = await person.inConsole(client);
  if (!person.atTerminal && !inConsole) return byDemo;
  gap();
  explain(
    inConsole
      ? 'The command waits for you. Answer in the console, under Approvals.'
      : 'The command waits for you. Answer here, or in the console:',
  );
  if (!inConsole) verbatim(consoleLink);
  const over = new AbortController();
  const stop = (): void => over.abort();
  signal.addEventListener('abort', stop);
  const timer = setTimeout(stop, PERSON_MS);
  try {
    const typed = await person.answer(over.signal);
    if (typed !== null) return { yes: typed === 'yes', said: `${typed}, at the terminal` };
    if (!over.signal.aborted) await new Promise((resolve) => over.signal.addEventListener('abort', resolve));
    return signal.aborted ? { yes: false, said: 'in the console' } : byDemo;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

/** How long the demo waits for an answer of a person who is there. In ms. */
const PERSON_MS = 120_000;

/** The cassette takes one or two seconds. The rest is for a person and for slow machines. In ms. */
const TURN_TIMEOUT_MS = 60_000 + PERSON_MS;

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
