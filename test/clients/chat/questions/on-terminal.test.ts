/** Each kind of question with a real daemon, in both forms of the chat on a terminal of tmux. */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { PAUSE_MS } from '../../../../clients/chat/screen/question-panel.js';
import { packageRoot } from '../../../../server/package/package-root.js';
import { startDaemon } from '../../../fixtures/daemon.js';
import { logged, mcpProgram, mcpTable } from '../../../fixtures/mcp-server.js';
import {
  event,
  items,
  say,
  startModelServer,
  type ModelRequestSeen,
  type Step,
} from '../../../fixtures/model-server.js';
import { scratch, scriptedConfig } from '../../../fixtures/program.js';
import { openPane, withoutTmux, type Pane } from '../../../fixtures/tmux.js';
import { elapse } from '../../../fixtures/until.js';

t.setTimeout(240_000);

const PATCH = `apply_patch <<'EOF'
*** Begin Patch
*** Update File: a.txt
@@
-one
+two
*** End Patch
EOF`;

/** The tools of the MCP server. Each logs what it received. */
const TOOLS = `
  form: { annotations: { readOnlyHint: true }, run: async () => {
    const answer = await ask('elicitation/create', { message: 'Your\\u202e data?', requestedSchema: { type: 'object',
      required: ['name', 'color'], properties: { name: { type: 'string', title: 'Name' },
      color: { type: 'string', title: 'Color', enum: ['red', 'green'] }, count: { type: 'integer', title: 'Count' } } } });
    log({ form: answer });
    return text('filled');
  } },
  page: { annotations: { readOnlyHint: true }, run: async () => {
    log({ page: await ask('elicitation/create', { mode: 'url', message: 'Look', url: 'https://h.test/x', elicitationId: 'e' }) });
    return text('looked');
  } },
  change: { annotations: { destructiveHint: true }, run: (given) => { log({ change: given }); return text('changed'); } },
`;

const tool = (name: string, input: object): Step => items({ ...event.call(name, input), namespace: 'mcp__forms' });
const questions = [
  { id: 'color', header: 'Color', question: 'Which color?', options: [option('red'), option('blue')] },
  { id: 'name', header: 'Name', question: 'Which name?', options: [option('a'), option('b')] },
];
function option(label: string): object {
  return { label, description: `it is ${label}` };
}
/** What the model does, by the word that the person sends. */
const STEPS: Readonly<Record<string, Step>> = {
  patch: items(event.call('exec_command', { cmd: PATCH })),
  form: tool('form', {}),
  page: tool('page', {}),
  change: tool('change', { key: 'value' }),
  input: items(event.call('request_user_input', { questions })),
};
let over = 0;
function step({ body }: ModelRequestSeen): Step {
  const last = JSON.stringify((body['input'] as readonly unknown[]).at(-1));
  const word = /"input_text","text":"(\w+)"/.exec(last)?.[1] ?? '';
  return STEPS[word] ?? say(last.includes('_output') ? `call ${(over += 1)} is over` : 'hello');
}

async function stage(t: Test, ...args: string[]) {
  const model = await startModelServer();
  t.teardown(() => model.close());
  model.always(step);
  const places = scratch(t, '');
  const { file, logFile } = mcpProgram(places.user, TOOLS);
  const config = scriptedConfig(model.url, 'approval_policy = "on-request"');
  const daemon = await startDaemon({ config: `${config}${mcpTable('forms', file)}` });
  t.teardown(() => daemon.stop());
  const patched = path.join(daemon.work, 'a.txt');
  fs.writeFileSync(patched, 'one\n');
  const pane = await openPane(t, {
    argv: [
      process.execPath,
      path.join(packageRoot(), 'bin', 'codexd.cjs'),
      ...['chat', '--attach', daemon.url, '-C', daemon.work, ...args],
    ],
    cwd: places.work,
    env: { CODEX_HOME: places.home, HOME: places.user },
  });
  await pane.shows(/mock-model/);
  return { model, daemon, pane, patched, log: () => logged(logFile) };
}

/** How a person answers in one form of the chat. */
interface Form {
  readonly args: readonly string[];
  /** Types a line, and Enter. */
  line(pane: Pane, text: string): Promise<void>;
  /** Gives the answer with this letter, which is the one with this number. */
  answer(pane: Pane, letter: string, number: number): Promise<void>;
  /** A command while a question is open. */
  command(pane: Pane, text: string): Promise<void>;
}

async function enter(pane: Pane, text: string): Promise<void> {
  await pane.type(text);
  await pane.press('Enter');
}
const quiet = (): Promise<void> => elapse(PAUSE_MS + 300, 'a question takes keys only after a pause of the keyboard');

const FORMS: Readonly<Record<string, Form>> = {
  screen: {
    args: [],
    line: enter,
    async answer(pane, letter) {
      await quiet();
      await pane.press(letter);
    },
    async command(pane, text) {
      await quiet();
      await enter(pane, text);
    },
  },
  lines: {
    args: ['--plain'],
    line: enter,
    answer: (pane, _letter, number) => enter(pane, String(number)),
    command: enter,
  },
};

for (const [name, { args, line, answer, command }] of Object.entries(FORMS)) {
  t.test(`every kind of question, in the form ${name}`, { skip: withoutTmux }, async (t) => {
    const { model, daemon, pane, patched, log } = await stage(t, ...args);
    /** Sends the word, and waits for the question. */
    const begin = async (word: string, question: RegExp): Promise<string> => {
      await line(pane, word);
      return pane.shows(question);
    };
    const before = over;
    let calls = 0;
    /** The call has ended, and so has the turn. */
    const ends = async (): Promise<void> => {
      const said = `call ${before + (calls += 1)} is over\n`;
      await pane.shows(new RegExp(name === 'screen' ? `${said}(?![^]*working)` : `${said}\\d+ tokens`));
    };

    let asked = await begin('patch', /Make these changes to files\?[^]*No, and stop the turn/);
    t.match(
      asked,
      /edit \S*a\.txt \(\+1 -1\)\n +@@ -1 \+1 @@\n +-one\n +\+two\n[^]*Make these changes|Make these changes[^]*\+two/,
    );
    await command(pane, '/status');
    await pane.shows(/^tokens +\d+ tokens/m);
    t.equal(fs.readFileSync(patched, 'utf8'), 'one\n', 'the command answered nothing');
    await answer(pane, 'y', 1);
    await ends();
    t.equal(fs.readFileSync(patched, 'utf8'), 'two\n');
    await line(pane, '/new');

    asked = await begin('form', /An MCP server has a question[^]*Cancel/);
    t.match(asked, /MCP server:? +forms/);
    t.match(asked, /it says:? +Your\\u202e data\?/);
    await answer(pane, 'y', 1);
    await pane.shows(/^Name/m);
    await enter(pane, 'Bob');
    await pane.shows(/Color[^]*2\. green/);
    await enter(pane, 'purple');
    await pane.shows(/"purple" is none of the choices/);
    await enter(pane, '/permissions :workspace');
    await pane.shows(/permissions: :workspace, from the next turn/);
    await enter(pane, '2');
    await pane.shows(/Count: \(may stay empty\)/);
    await pane.press('Enter');
    await ends();

    asked = await begin('page', /asks you to open an address[^]*Cancel/);
    t.match(asked, /address:? +https:\/\/h\.test\/x/);
    await answer(pane, 'n', 2);
    await ends();

    asked = await begin('change', /Call this tool of an MCP server\?[^]*Cancel/);
    t.match(asked, /tool:? +change/);
    t.match(asked, /"key": "value"/);
    await answer(pane, 'y', 1);
    await ends();
    t.match(log().slice(-3), [
      { form: { action: 'accept', content: { name: 'Bob', color: 'green' } } },
      { page: { action: 'decline' } },
      { change: { key: 'value' } },
    ]);
    t.notOk('count' in log().at(-3).form.content, 'an empty field is left out');

    const client = await daemon.connect();
    const threadId = String((await client.request('thread/loaded/list', {})).data.at(-1));
    const settings = { model: 'mock-model', reasoning_effort: null, developer_instructions: null };
    await client.request('thread/resume', { threadId });
    await client.request('thread/settings/update', { threadId, collaborationMode: { mode: 'plan', settings } });
    asked = await begin('input', /The model has questions[^]*Do not answer/);
    t.match(asked, /Which color\?[^]*Which name\?/);
    await answer(pane, 'y', 1);
    await pane.shows(/Color: Which color\?[^]*2\. blue \(?it is blue/);
    await enter(pane, '2');
    await pane.shows(/Name: Which name\?[^]*1\. a/);
    await enter(pane, 'neither of them');
    await ends();
    const output = JSON.stringify(model.requests.at(-1)?.body);
    t.match(output, /color[^]{1,40}answers[^]{1,12}blue[^]*name[^]{1,40}answers[^]{1,12}neither of them/);
    await client.close();
  });
}
