import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ServerError, type Client } from '../typescript/index.js';
import { command, explain, gap, result, title } from './say.js';
import { CONFIG, DENIED_HOST, NOTES, type Scene } from './scene.js';
import type { RequestResult } from '../../schema/registry.js';

type Outcome = RequestResult<'command/exec'>;

/** A step of the demo had an unexpected result: the daemon does not work, and the demo says so. */
export class ActFailed extends Error {}

/** Step one: files. False when this machine cannot sandbox commands; then the demo ends, because no command runs. */
export async function filesAct(client: Client, scene: Scene): Promise<boolean> {
  title('1. A sandboxed command may read, and is refused a write');
  const script = 'cat notes.txt; echo overwritten > notes.txt';
  explain('The policy of this command is read-only. It reads a file, then tries to overwrite it.');
  command(`sh -c '${script}'`);
  let outcome: Outcome;
  try {
    outcome = await client.request('command/exec', {
      command: ['sh', '-c', script],
      cwd: scene.work,
      sandboxPolicy: { type: 'readOnly' },
    });
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    result('refused:', error.message);
    gap();
    explain(
      'What the daemon cannot hold to its policy it does not run: the command was refused for the reason above, and ' +
        'nothing was run open instead. The rest of the show needs the sandbox and is left out.',
    );
    return false;
  }
  show(outcome);
  expect(outcome.stdout === NOTES, 'the file was not read');
  expect(outcome.exitCode !== 0, 'the write was not refused');
  expect(readFileSync(path.join(scene.work, 'notes.txt'), 'utf8') === NOTES, 'the file was changed');
  explain('It read the file. The kernel refused the write, and the file is what it was.');
  return true;
}

/** Step two: an allowed host. */
export async function allowedHostAct(client: Client, scene: Scene): Promise<void> {
  title('2. A sandboxed command reaches a host that the policy allows');
  explain('The permission profile of the next commands turns the network on, through the policy proxy only:');
  gap();
  const domains = CONFIG.slice(CONFIG.indexOf('[permissions.demo.network]')).trimEnd();
  for (const line of domains.split('\n')) result('', line);
  gap();
  explain(
    'The command has no network but a loopback interface of its own, on which the daemon itself listens: its lane.',
  );
  const url = `${scene.upstream}/greeting`;
  command(`node fetch.cjs ${url}`);
  const outcome = await run(client, scene, `"$NODE" fetch.cjs ${url}`);
  show(outcome);
  expect(outcome.exitCode === 0 && outcome.stdout.startsWith('HTTP 200'), 'the allowed host was not reached');
  explain('The proxy knew from the lane whose request it was, found the host on the list, and passed it on.');
}

/** Step three: a denied host cancels its own command and no other command. */
export async function deniedHostAct(client: Client, neighbour: Client, scene: Scene): Promise<void> {
  title('3. A command that asks for a denied host is cancelled, and its neighbour runs on');
  explain(
    'Two commands at once, on two connections. The first asks for a host that the policy denies; if nobody stopped ' +
      'it, it would go on for a minute. The second asks for the allowed host three times, a second apart.',
  );
  const url = `http://${DENIED_HOST}/secrets`;
  const denied = `echo asking; "$NODE" fetch.cjs ${url}; sleep 60; echo still here`;
  const allowed = `for i in 1 2 3; do "$NODE" fetch.cjs ${scene.upstream}/$i; sleep 1; done; echo finished`;
  command(`echo asking; node fetch.cjs ${url}; sleep 60; echo still here`);
  command(`for i in 1 2 3; do node fetch.cjs ${scene.upstream}/$i; sleep 1; done; echo finished`);

  const start = performance.now();
  const seconds = (): string => `${((performance.now() - start) / 1000).toFixed(1)} s`;
  const beside = run(neighbour, scene, allowed).then((outcome) => ({ outcome, after: seconds() }));
  beside.catch(() => {}); // Awaited below. This handler is for the case that the first command fails before.
  const cancelled = await run(client, scene, denied);
  const after = seconds();
  result('first:', `ended after ${after}`);
  show(cancelled);
  expect(cancelled.networkDenial?.host === DENIED_HOST, 'the command was not cancelled for its denied host');
  expect(!cancelled.stdout.includes('still here'), 'the command went on after the denial');
  const { outcome, after: later } = await beside;
  result('second:', `ended after ${later}`);
  show(outcome);
  expect(outcome.exitCode === 0 && outcome.stdout.endsWith('finished\n'), 'the neighbour was harmed');
  explain(
    'The moment it asked, the first command was killed with everything that it had started, and its result says why. ' +
      'Nothing was dialled. The second one did not notice.',
  );
}

/** Runs a shell command line under the profile `demo`. */
const run = (client: Client, scene: Scene, script: string): Promise<Outcome> =>
  client.request('command/exec', {
    command: ['sh', '-c', script],
    cwd: scene.work,
    timeoutMs: 70_000,
    env: { NODE: process.execPath },
  });

function show({ exitCode, stdout, stderr, networkDenial }: Outcome): void {
  if (stdout !== '') result('stdout:', stdout);
  if (stderr !== '') result('stderr:', stderr);
  result('exit code:', String(exitCode));
  if (networkDenial) result('denial:', JSON.stringify(networkDenial));
  gap();
}

export function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new ActFailed(`This is not what should have happened: ${otherwise}.`);
}
