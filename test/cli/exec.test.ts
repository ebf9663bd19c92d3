/** `codexd exec` and `codexd record`, as programs, with a scripted model. */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { event, items, say, startModelServer, type ModelServer, type Step } from '../fixtures/model-server.js';
import { codexd, scratch, start, scriptedConfig, type Ended, type Scratch } from '../fixtures/program.js';

t.setTimeout(180_000);

interface Stage {
  readonly model: ModelServer;
  readonly places: Scratch;
  exec(args: readonly string[], input?: string): Promise<Ended>;
}

async function stage(t: Test, ...script: Step[]): Promise<Stage> {
  const model = await startModelServer(...script);
  t.teardown(() => model.close());
  const places = scratch(t, scriptedConfig(model.url));
  return {
    model,
    places,
    exec: (args, input) => codexd(places, ['exec', '--skip-git-repo-check', ...args], input),
  };
}

interface Line {
  readonly type: string;
  readonly thread_id?: string;
  readonly item?: { readonly id: string; readonly type: string };
}
const linesOf = ({ stdout }: Ended): Line[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

/** A warning, as the official program reports it. */
const UNKNOWN_MODEL = {
  type: 'item.completed',
  item: { id: 'item_0', type: 'error', message: /^Model metadata for `mock-model` not found\./ },
};

const promptOf = (model: ModelServer): unknown => (model.requests.at(-1)?.body.input as object[]).at(-1);
const usage = {
  input_tokens: 10,
  cached_input_tokens: 4,
  cache_write_input_tokens: 0,
  output_tokens: 5,
  reasoning_output_tokens: 1,
};

t.test('plain: standard output contains only the last message', async (t) => {
  const { exec, model, places } = await stage(t, say('the answer'));
  const file = path.join(places.work, 'last');
  const ended = await exec(['-o', file, 'the question']);
  t.match(ended, { code: 0, stdout: 'the answer\n' });
  t.equal(fs.readFileSync(file, 'utf8'), 'the answer');
  t.match(promptOf(model), { content: [{ type: 'input_text', text: 'the question' }] });
});

t.test('--json: each line is one event in the shape that clients read', async (t) => {
  const { exec } = await stage(t, items(event.call('exec_command', { cmd: 'echo hi; exit 3' })), say('final'));
  const ended = await exec(['--json', 'run it']);
  t.equal(ended.code, 0, 'a command that fails is no failure of the turn');
  const command = { id: 'item_1', type: 'command_execution', command: "/bin/bash -lc 'echo hi; exit 3'" };
  t.match(linesOf(ended), [
    { type: 'thread.started', thread_id: /^[0-9a-f-]{36}$/ },
    { type: 'turn.started' },
    UNKNOWN_MODEL,
    { type: 'item.started', item: { ...command, aggregated_output: '', exit_code: null, status: 'in_progress' } },
    { type: 'item.completed', item: { ...command, aggregated_output: 'hi\n', exit_code: 3, status: 'failed' } },
    { type: 'item.completed', item: { id: 'item_2', type: 'agent_message', text: 'final' } },
    {
      type: 'turn.completed',
      usage: { ...usage, input_tokens: 20, cached_input_tokens: 8, output_tokens: 10, reasoning_output_tokens: 2 },
    },
  ]);
});

t.test('a failed turn exits with 1 and prints the reason', async (t) => {
  const { exec } = await stage(t, { status: 400, body: 'no such model' });
  const ended = await exec(['--json', 'hello']);
  t.equal(ended.code, 1);
  t.match(linesOf(ended).slice(2), [
    UNKNOWN_MODEL,
    { type: 'error', message: /no such model/ },
    { type: 'turn.failed', error: { message: /no such model/ } },
  ]);
});

t.test('an action that needs approval is refused, and the model gets the reason', async (t) => {
  const escalated = { cmd: 'touch ran', sandbox_permissions: 'require_escalated', justification: 'to see' };
  const { exec, model, places } = await stage(t, items(event.call('exec_command', escalated, 'c1')), say('then not'));
  const ended = await exec(['--json', '-c', 'approval_policy="on-request"', 'do it']);
  t.equal(ended.code, 0);
  t.notOk(fs.existsSync(path.join(places.work, 'ran')));
  t.match(promptOf(model), { type: 'function_call_output', call_id: 'c1', output: /approval policy is Never/ });
});

t.test('the prompt comes from the argument, from standard input, or from both', async (t) => {
  const cases: readonly [string[], string, string, string][] = [
    [[], 'only input\n', 'only input\n', 'standard input as it is'],
    [['-'], '  spaces  ', '  spaces  ', 'spaces are kept'],
    [['argument'], 'piped', 'argument\n\n<stdin>\npiped\n</stdin>', 'what is piped in is appended, marked'],
    [['argument'], '', 'argument', 'nothing was piped in'],
  ];
  const { exec, model } = await stage(t, ...cases.map(() => say('ok')));
  for (const [args, input, text, why] of cases) {
    t.equal((await exec(args, input)).code, 0, why);
    t.match(promptOf(model), { content: [{ text }] }, why);
  }
  t.match(await exec([], ' \n'), { code: 1, stdout: '', stderr: /No prompt provided via stdin\./ });
});

t.test('resume continues the same session by id and by --last, also after the options of exec', async (t) => {
  const { exec, model } = await stage(t, say('one'), say('two'), say('three'));
  const [first] = linesOf(await exec(['--json', 'the first']));
  const id = first?.thread_id ?? '';
  t.match(linesOf(await exec(['--json', 'resume', id, 'the second']))[0], { thread_id: id });
  const again = await exec(['resume', '--last', '--json', 'the third']);
  t.match(linesOf(again)[0], { thread_id: id });
  t.match(linesOf(again).at(-1), { type: 'turn.completed', usage: { input_tokens: 30 } });
  const said = JSON.stringify(model.requests.at(-1)?.body.input);
  for (const text of ['the first', 'one', 'the second', 'two', 'the third']) t.ok(said.includes(text), text);
  t.match(await exec(['resume', 'nobody', 'x']), { code: 1, stderr: /No session is called `nobody`/ });
});

t.test('--output-schema, --model, --sandbox and --ephemeral reach the turn', async (t) => {
  const { exec, model, places } = await stage(t, items(event.call('exec_command', { cmd: 'touch made' })), say('{}'));
  const schema = { type: 'object', properties: { a: { type: 'string' } } };
  fs.writeFileSync(path.join(places.work, 'schema.json'), JSON.stringify(schema));
  const args = ['--output-schema', 'schema.json', '-m', 'other', '-s', 'workspace-write', '--ephemeral'];
  t.equal((await exec([...args, 'go'])).code, 0);
  t.match(model.requests[0]?.body, { model: 'other', text: { format: { type: 'json_schema', schema } } });
  t.ok(fs.existsSync(path.join(places.work, 'made')), 'the workspace may be written to');
  t.notOk(fs.existsSync(path.join(places.home, 'sessions')), 'nothing is kept');
});

t.test('impossible options are refused before a model request', async (t) => {
  const { model, places } = await stage(t);
  const cases: readonly [string[], number, RegExp][] = [
    [['hello'], 1, /Not inside a trusted directory/],
    [['--skip-git-repo-check', '-C', 'nowhere', 'hello'], 1, /there is no such folder/],
    [['--skip-git-repo-check', '--output-schema', 'nofile', 'hello'], 1, /Failed to read output schema file nofile/],
    [['--bogus', 'hello'], 2, /unexpected argument '--bogus' found/],
    [['one', 'two'], 2, /unexpected argument 'two' found/],
    [['-s', 'open', 'hello'], 2, /invalid value 'open'/],
  ];
  for (const [args, code, stderr] of cases) t.match(await codexd(places, ['exec', ...args]), { code, stderr });
  t.equal(model.requests.length, 0);
});

t.test('Ctrl-C interrupts the turn and its end is reported', async (t) => {
  const { places } = await stage(t, { events: [event.created()], hang: true });
  const child = start(places, ['exec', '--json', '--skip-git-repo-check', 'wait']);
  // As a terminal does it: to the whole group of processes.
  child.sees(/turn\.started/, () => process.kill(-child.pid, 'SIGINT'));
  const ended = await child.ended;
  t.equal(ended.code, 130, ended.stderr);
  t.match(linesOf(ended).at(-1), { type: 'turn.failed', error: { message: 'the turn was interrupted' } });
});

t.test('a reader that goes away ends the turn quietly, and the code says that nobody got it whole', async (t) => {
  const endless = { events: [event.created()], hang: true };
  const cases: readonly [string[], Step][] = [
    [[], say('the answer')],
    [['--json'], endless],
  ];
  for (const [form, step] of cases) {
    const { places } = await stage(t, step);
    const child = start(places, ['exec', '--skip-git-repo-check', ...form, 'go on']);
    child.stopsReading();
    const { code, stderr } = await child.ended;
    t.equal(code, 141, stderr);
    t.notMatch(stderr, /EPIPE|at .*:\d+:\d+|report these lines/);
  }
});

t.test('--json: separators that some readers take for line ends are escapes', async (t) => {
  const { exec } = await stage(t, say('one\u2028two\u2029three'));
  const ended = await exec(['--json', 'go']);
  t.notMatch(ended.stdout, /[\u2028\u2029]/);
  t.match(
    linesOf(ended).find((line) => line.item?.type === 'agent_message'),
    { item: { text: 'one\u2028two\u2029three' } },
  );
});

t.test('a recorded turn is replayed without the model', async (t) => {
  const { model, places, exec } = await stage(
    t,
    items(event.call('exec_command', { cmd: 'echo $((6*7))' })),
    say('42'),
  );
  const cassette = path.join(places.work, 'turn.cassette.jsonl');
  const args = ['exec', '--json', '--skip-git-repo-check', 'compute'];
  const recorded = await codexd(places, ['record', cassette, ...args]);
  t.equal(recorded.code, 0, recorded.stderr);
  t.equal(fs.statSync(cassette).mode & 0o777, 0o600, 'it holds what was said');
  await model.close();

  const provider = `model_providers.tape={name="Tape",wire_api="replay",cassette=${JSON.stringify(cassette)}}`;
  const replayed = await exec(['--json', '-c', 'model_provider="tape"', '-c', provider, 'compute']);
  t.equal(replayed.code, 0, replayed.stderr);
  // A replay warns of no model: it has none.
  const plot = (ended: Ended): unknown[] =>
    linesOf(ended)
      .slice(1)
      .filter(({ item }) => item?.type !== 'error')
      .map(({ item, ...line }) => (item === undefined ? line : { ...line, item: { ...item, id: null } }));
  t.match(plot(replayed), plot(recorded), 'the command ran again, and everything was the same');
  t.match(replayed.stdout, /"aggregated_output":"42\\n"/);
});

t.test('record refuses commands without a model, and a file that cannot be written', async (t) => {
  const { places } = await stage(t);
  const refused = await codexd(places, ['record', 'tape', 'sandbox', 'true']);
  t.match(refused, { code: 2, stderr: /runs app-server or exec, not 'sandbox'/ });
  const unwritable = await codexd(places, ['record', path.join(places.work, 'no', 'tape'), 'exec', 'x']);
  t.match(unwritable, { code: 1, stderr: /the cassette .* cannot be written/ });
});

t.test('exec review reviews the target of its flags, and sends no request without a target', async (t) => {
  const review = { findings: [], overall_correctness: 'patch is correct', overall_explanation: 'All is well' };
  const { exec, model } = await stage(t, say(JSON.stringify({ ...review, overall_confidence_score: 0.9 })));
  t.match(await exec(['review']), { code: 1, stderr: /Specify --uncommitted, --base, --commit, or provide custom/ });
  t.match(await exec(['review', '--uncommitted', 'and this']), { code: 1, stderr: /cannot be combined/ });
  t.equal(model.requests.length, 0);
  const ended = await exec(['review', 'Look at the locks']);
  t.match(ended, { code: 0, stdout: /All is well/ });
  t.match(JSON.stringify(model.requests[0]?.body.input), /Look at the locks/);
});
