/**
 * Many turns at once, half of their commands refused the network late: each refusal ends its own command and no other.
 */
import fs from 'node:fs';
import t from 'tap';
import { items, say, type ModelRequestSeen, type Step } from '../fixtures/model-server.js';
import { ask, DENIED, exec, turnScene, UNLISTED, type TurnScene } from '../fixtures/turn-scene.js';
import { elapse } from '../fixtures/until.js';

/** Rounds of thirty-two commands; a script that wants more sets CODEXD_TURN_ROUNDS. */
const ROUNDS = Number(process.env.CODEXD_TURN_ROUNDS ?? 8);
const THREADS = 8;
const COMMANDS = 4;

/** What becomes of a command: a person's yes, a person's no, a rule's no after a person's yes, no question at all. */
const FATES = ['accepted', 'declined', 'ruled out', 'quiet'] as const;
type Fate = (typeof FATES)[number];

t.setTimeout(900_000);

t.test('of eight turns with four commands each, exactly those without network permission fail', async (t) => {
  const scene = await turnScene(t, (request) => (isAnswered(request) ? say('done') : calls(request, scene)));
  const threads: string[] = [];
  for (let n = 0; n < THREADS; n++) threads.push(await scene.startThread());
  const prompts = new Map<string, number>();
  scene.client.onRequest('item/commandExecution/requestApproval', async ({ commandItemId }) => {
    const id = commandItemId ?? '';
    prompts.set(id, (prompts.get(id) ?? 0) + 1);
    await elapse(20 + Math.random() * 150, 'answers come in another order, while every command of the round runs');
    return { decision: fateOf(id) === 'declined' ? 'decline' : 'accept' };
  });

  const round = async (number: number): Promise<void> => {
    scene.completed.clear();
    prompts.clear();
    const ends = await Promise.all(threads.map((id, n) => scene.turn(id, `round ${number} thread ${n}`)));
    t.strictSame(new Set(ends.map(({ status }) => status)), new Set(['completed']), 'a refusal ends no turn');
    const wrong: unknown[] = [];
    for (let thread = 0; thread < THREADS; thread++) {
      for (let n = 0; n < COMMANDS; n++) {
        const id = callId(number, thread, n);
        const item = scene.completed.get(id);
        const asked = prompts.get(id) ?? 0;
        if (item === undefined || asked !== (fateOf(id) === 'quiet' ? 0 : 1) || !isRight(item, id))
          wrong.push({ id, fate: fateOf(id), asked, item });
      }
    }
    if (wrong.length > 0) t.strictSame(wrong, [], `round ${number}`);
  };

  // The first round makes what later ones use again.
  await round(0);
  const before = await settled(scene);
  for (let number = 1; number <= ROUNDS && t.passing(); number++) await round(number);
  const after = await settled(scene);

  t.equal(
    after.denials - before.denials,
    (ROUNDS * THREADS * COMMANDS) / 2,
    'half of the commands were ended by a denial',
  );
  t.equal(after.running, 0, 'no command runs');
  t.equal(after.lent, 0, 'no lane is lent');
  t.equal(after.commandProcesses, 0, 'no process of a command is left');
  t.ok(
    after.descriptors <= before.descriptors + SPARE,
    `descriptors: ${before.descriptors}, then ${after.descriptors}`,
  );
  t.equal(scene.daemon.stderr().match(/unhandled|TypeError|ReferenceError/gi), null, 'nothing went wrong unseen');
  const { data } = await scene.client.request('network/decisions/list', { limit: 200 });
  t.ok(data.length > 0);
  const owned = data.filter(
    ({ threadId, turnId, itemId }) =>
      threads.includes(threadId ?? '') && turnId !== null && /^r\d+-t\d+-c\d+$/.test(itemId ?? ''),
  );
  t.equal(owned.length, data.length, 'every decision says whose it is');
});

/**
 * Up to 72 pipes are kept ready (server/exec/process/pipe-pool.ts). Eight rounds of a leak, one a command, would be
 * 256.
 */
const SPARE = 80;

const callId = (round: number, thread: number, n: number): string => `r${round}-t${thread}-c${n}`;

/** Each thread has every fate once a round, at another place each time. */
function fateOf(id: string): Fate {
  const [round = 0, thread = 0, n = 0] = (/r(\d+)-t(\d+)-c(\d+)/.exec(id) ?? []).slice(1).map(Number);
  return FATES[(round * 3 + thread + n) % FATES.length] ?? 'quiet';
}

const isAnswered = ({ body }: ModelRequestSeen): boolean =>
  (body.input as { type: string }[]).at(-1)?.type === 'function_call_output';

/** The commands of the turn that this request is about: its last words say which. */
function calls({ body }: ModelRequestSeen, { upstream }: TurnScene): Step {
  const said =
    JSON.stringify(body.input)
      .match(/round (\d+) thread (\d+)/g)
      ?.at(-1) ?? '';
  const [round = 0, thread = 0] = (/round (\d+) thread (\d+)/.exec(said) ?? []).slice(1).map(Number);
  return items(
    ...Array.from({ length: COMMANDS }, (_, n) => {
      const id = callId(round, thread, n);
      return exec(id, lineFor(fateOf(id), id, upstream.port));
    }),
  );
}

function lineFor(fate: Fate, id: string, port: number): string {
  const begin = `echo begin ${id}`;
  const end = 'sleep 0.2; echo end';
  if (fate === 'quiet') return `${begin}; ${end}`;
  const asked = `${begin}; ${ask(UNLISTED, port, `/${id}`)}`;
  // A refusal comes while it works on: it never sees its end.
  if (fate === 'ruled out') return `${asked}; (sleep 0.1; ${ask(DENIED, 80, '/')}) & sleep 60; echo end`;
  return fate === 'declined' ? `${begin}; (${ask(UNLISTED, port, `/${id}`)}) & sleep 60; echo end` : `${asked}; ${end}`;
}

function isRight(item: NonNullable<ReturnType<TurnScene['completed']['get']>>, id: string): boolean {
  const fate = fateOf(id);
  const output = item.aggregatedOutput ?? '';
  const lines = output.split('\n').filter((line) => line !== '');
  if (lines[0] !== `begin ${id}`) return false;
  switch (fate) {
    case 'quiet':
      return item.status === 'completed' && item.networkDenial === undefined && lines.length === 2;
    case 'accepted':
      return (
        item.status === 'completed' &&
        item.networkDenial === undefined &&
        lines[1] === 'HTTP/1.1 200 OK' &&
        lines[2] === 'end'
      );
    case 'declined':
      return (
        item.status === 'failed' &&
        item.exitCode === -1 &&
        item.networkDenial?.host === UNLISTED &&
        item.networkDenial.source === 'decider' &&
        output === `begin ${id}\n\nrejected by user`
      );
    case 'ruled out':
      return (
        item.status === 'failed' &&
        item.exitCode === -1 &&
        item.networkDenial?.host === DENIED &&
        item.networkDenial.rule === DENIED &&
        lines[1] === 'HTTP/1.1 200 OK' &&
        lines.length === 3
      );
  }
}

interface Leftovers {
  readonly denials: number;
  readonly running: number;
  readonly lent: number;
  readonly commandProcesses: number;
  /** Without those of idle lanes. */
  readonly descriptors: number;
}

/** What the daemon holds once nothing is going on any more; waits until it stands still. */
async function settled({ daemon }: TurnScene): Promise<Leftovers> {
  const pid = daemon.process.pid ?? 0;
  let last: Leftovers | null = null;
  for (let tries = 0; tries < 100; tries++) {
    const metrics = await (await fetch(`${daemon.url.replace('ws:', 'http:')}/metrics`)).text();
    const now: Leftovers = {
      denials: sample(metrics, 'codexd_commands_ended_total{cause="denial"}'),
      running: sample(metrics, 'codexd_commands_running'),
      lent: sample(metrics, 'codexd_lanes{state="lent"}'),
      commandProcesses: processesBelow(pid).filter((line) => /^sleep |-c echo begin/.test(line)).length,
      descriptors: fs.readdirSync(`/proc/${pid}/fd`).length - idleDescriptors(metrics),
    };
    if (now.running + now.lent + now.commandProcesses === 0 && last?.descriptors === now.descriptors) return now;
    last = now;
    await elapse(100, 'two looks that far apart are the same once nothing goes on');
  }
  return last as Leftovers;
}

/** Of lanes that wait for commands: their two namespaces, and two ports for every command that they will still take. */
const idleDescriptors = (metrics: string): number =>
  2 * (sample(metrics, 'codexd_lanes{state="idle"}') + sample(metrics, 'codexd_lane_slots'));

function sample(metrics: string, name: string): number {
  const line = metrics.split('\n').find((text) => text.startsWith(`${name} `));
  return line === undefined ? Number.NaN : Number(line.slice(name.length + 1));
}

/** The command lines of all processes that descend from this one. */
function processesBelow(ancestor: number): string[] {
  const parents = new Map<number, number>();
  for (const name of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = textOf(`/proc/${name}/stat`);
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid) ?? 0;
    return parent === ancestor || (parent > 1 && isBelow(parent));
  };
  return [...parents.keys()].filter(isBelow).map((pid) => textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' '));
}

/** Empty for what is gone meanwhile. */
function textOf(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
