/**
 * npm run mcp-denials [-- --rounds N]: eight threads with a server each, four calls at once in every turn, and half of
 * them send a network request that is denied; each denial must end its own call and no other.
 */
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import type { Test } from 'tap';
import type { NotificationParams } from '../../../schema/registry.js';
import { networkServer, networkServerTable } from '../../fixtures/mcp-network-server.js';
import { event, items, say, type ModelRequestSeen, type Step } from '../../fixtures/model-server.js';
import { DENIED, turnScene, UNLISTED, type TurnScene } from '../../fixtures/turn-scene.js';
import { elapse, until } from '../../fixtures/until.js';
import { metricsOf, processesBelow } from './look.js';

const THREADS = 8;
const CALLS = 4;

/** What becomes of a call: a person's yes, a person's no, a rule's no, no request at all. */
const FATES = ['accepted', 'declined', 'ruled out', 'quiet'] as const;
type Fate = (typeof FATES)[number];
type Item = Extract<NotificationParams<'item/completed'>['item'], { type: 'mcpToolCall' }>;

export interface DenialReport {
  readonly rounds: number;
  readonly calls: number;
  readonly denied: number;
  /** Process ids of the servers over all rounds: as many as servers, because no denial ends one. */
  readonly servers: number;
}

/** `folder`: for the server's program. `t`: ends the scene. Throws an AssertionError that names the wrong calls. */
export async function denialRounds(
  t: Pick<Test, 'teardown'>,
  folder: string,
  { rounds, onRound = () => {} }: { readonly rounds: number; readonly onRound?: (round: number) => void },
): Promise<DenialReport> {
  const file = networkServer(folder);
  const scene = await turnScene(t, (request) => (isAnswered(request) ? say('done') : calls(request, scene)), {
    tables: networkServerTable('srv', file, 'test'),
  });
  const done = new Map<string, Item>();
  scene.client.onNotification('item/completed', ({ item }) => {
    if (item.type === 'mcpToolCall') done.set(item.id, item);
  });
  const prompts = new Map<string, number>();
  scene.client.onRequest('item/commandExecution/requestApproval', async ({ commandItemId }) => {
    const id = commandItemId ?? '';
    prompts.set(id, (prompts.get(id) ?? 0) + 1);
    await elapse(Math.random() * 40, 'answers come in another order, while the other threads work');
    return { decision: fateOf(id) === 'declined' ? 'decline' : 'accept' };
  });
  const threads: string[] = [];
  for (let n = 0; n < THREADS; n++) threads.push(await scene.startThread());

  const pids = new Set<string>();
  let denied = 0;
  for (let round = 0; round < rounds; round++) {
    done.clear();
    prompts.clear();
    const ends = await Promise.all(threads.map((id, n) => scene.turn(id, `round ${round} thread ${n}`)));
    assert.deepEqual(
      ends.map(({ status }) => status),
      threads.map(() => 'completed'),
      'a denial ends no turn',
    );
    for (let thread = 0; thread < THREADS; thread++) {
      for (let n = 0; n < CALLS; n++) {
        const id = callId(round, thread, n);
        const item = done.get(id);
        const fate = fateOf(id);
        const asked = prompts.get(id) ?? 0;
        const expected = fate === 'accepted' || fate === 'declined' ? 1 : 0;
        assert.ok(item !== undefined && asked === expected && isRight(item, fate), text({ id, fate, asked, item }));
        if (item.status === 'failed') denied++;
        else if (fate === 'quiet') pids.add(`${thread} ${contentOf(item)}`);
      }
    }
    onRound(round + 1);
  }
  assert.equal(pids.size, THREADS, `a denial ended a server: ${[...pids].join(', ')}`);
  const counted = await metricsOf(scene.daemon);
  assert.equal(counted('codexd_mcp_calls_total{outcome="denied",permissions="profile"}'), denied);
  assert.equal(counted('codexd_mcp_denials_total{place="outside",permissions="profile"}'), 0);
  assert.equal(counted('codexd_lanes{state="lent"}'), THREADS, 'a lane for each server');
  await checkLog(scene, threads);
  await Promise.all(threads.map((threadId) => scene.client.request('thread/archive', { threadId })));
  await until(
    async () =>
      (await metricsOf(scene.daemon))('codexd_lanes{state="lent"}') === 0 &&
      processesBelow(scene.daemon.process.pid ?? 0, file).length === 0,
    'no lane is lent and no server is left once the threads have ended',
  );
  return { rounds, calls: rounds * THREADS * CALLS, denied, servers: pids.size };
}

async function checkLog({ client }: TurnScene, threads: readonly string[]): Promise<void> {
  const { data } = await client.request('network/decisions/list', { limit: 200 });
  const wrong = data.filter(
    ({ threadId, turnId, itemId, mcpServer, verdict }) =>
      !threads.includes(threadId ?? '') ||
      turnId === null ||
      mcpServer !== 'srv' ||
      !/^r\d+-t\d+-c\d+$/.test(itemId ?? '') ||
      (verdict === 'deny') !== ['declined', 'ruled out'].includes(fateOf(itemId ?? '')),
  );
  assert.ok(data.length > 0);
  assert.deepEqual(wrong, [], 'every decision names its server and its call');
}

const text = (value: unknown): string => JSON.stringify(value, null, 1);
const callId = (round: number, thread: number, n: number): string => `r${round}-t${thread}-c${n}`;

/** Each thread has every fate once a round, at another place each time. */
function fateOf(id: string): Fate {
  const [round = 0, thread = 0, n = 0] = (/r(\d+)-t(\d+)-c(\d+)/.exec(id) ?? []).slice(1).map(Number);
  return FATES[(round * 3 + thread + n) % FATES.length] ?? 'quiet';
}

const isAnswered = ({ body }: ModelRequestSeen): boolean =>
  (body.input as { type: string }[]).at(-1)?.type === 'function_call_output';

/** The calls of the turn that this request is about: its last words say which. */
function calls({ body }: ModelRequestSeen, { upstream }: TurnScene): Step {
  const said =
    JSON.stringify(body.input)
      .match(/round (\d+) thread (\d+)/g)
      ?.at(-1) ?? '';
  const [round = 0, thread = 0] = (/round (\d+) thread (\d+)/.exec(said) ?? []).slice(1).map(Number);
  return items(
    ...Array.from({ length: CALLS }, (_, n) => {
      const id = callId(round, thread, n);
      const fate = fateOf(id);
      const [name, args] =
        fate === 'quiet'
          ? ['run', { code: 'await pause(Math.random() * 20); return process.pid' }]
          : fate === 'ruled out'
            ? // Two requests, and a third one while nobody waits for its answer any more.
              [
                'run',
                { code: `await Promise.all([1, 2].map(() => ask('${DENIED}', 80))); return ask('${DENIED}', 81)` },
              ]
            : ['ask', { host: UNLISTED, port: upstream.port, path: `/${id}` }];
      return { ...event.call(name, args, id), namespace: 'mcp__srv' };
    }),
  );
}

const contentOf = ({ result }: Item): string => String((result?.content[0] as { text?: unknown } | undefined)?.text);

function isRight(item: Item, fate: Fate): boolean {
  const cause = item.error?.message.split('Caused by:\n    ')[1];
  switch (fate) {
    case 'quiet':
      return item.status === 'completed' && /^\d+$/.test(contentOf(item));
    case 'accepted':
      return item.status === 'completed' && contentOf(item) === 'HTTP/1.1 200 OK';
    case 'declined':
      return item.status === 'failed' && cause === 'rejected by user' && item.networkDenial?.host === UNLISTED;
    case 'ruled out':
      return (
        item.status === 'failed' &&
        item.networkDenial?.host === DENIED &&
        item.networkDenial.rule === DENIED &&
        cause?.startsWith(`Network access to "${DENIED}" was blocked: `) === true
      );
  }
}

export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { rounds: { type: 'string', default: '100' } } });
  const { inFolder } = await import('./look.js');
  return inFolder(async (t, folder) => {
    const begun = performance.now();
    const report = await denialRounds(t, folder, {
      rounds: Number(values.rounds),
      onRound: (round) => void (round % 10 === 0 && process.stdout.write(`round ${round}\n`)),
    });
    process.stdout.write(`${JSON.stringify({ ...report, seconds: Math.round((performance.now() - begun) / 1000) })}\n`);
  });
}
