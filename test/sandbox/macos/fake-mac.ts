/** A Mac for the tests: canaries get the answers that a policy gives under a reading of its language. */
import path from 'node:path';
import type { Act } from '../../../server/sandbox/macos/canary-script.js';
import { DATA_VOLUME } from '../../../server/sandbox/macos/places.js';
import type { RunUnder } from '../../../server/sandbox/macos/proof.js';
import { FILES, type Scene } from '../../../server/sandbox/macos/walls.js';
import { can, canLink, canRename, evaluate, READINGS, type Policy, type Reading } from './evaluator.js';

export const SCENE: Scene = {
  folder: '/Users/u/.codex/tmp/codexd-sandbox/proof-1',
  lanePort: 4001,
  otherPort: 4002,
  closedPort: 4003,
  socket: '/private/var/folders/ab/T/codexd-501/proof-1',
  address: '192.0.2.7',
  pid: 77,
};

export const [READING] = READINGS as [Reading, ...Reading[]];

const answer = (stdout: string) => ({ error: null, stdout, stderr: '' });

/** `change`: what this Mac takes for the policy's text. */
export function fakeMac(reading = READING, change = (policy: string): string => policy): RunUnder {
  return async (text, command) => {
    const policy = evaluate(change(text), reading);
    const acts = JSON.parse(command.at(-1) ?? '') as readonly Act[];
    return answer(JSON.stringify(acts.map((act) => (allows(policy, reading, act) ? 'done' : 'EPERM'))));
  };
}

/** The name on a disk that compares names without case. */
function onDisk(asked: string): string {
  const place = asked.startsWith(DATA_VOLUME) ? asked.slice(DATA_VOLUME.length) : asked;
  const names = FILES.map((name) => path.posix.join(SCENE.folder, name).replace(/\/$/, ''));
  return names.find((name) => name.toLowerCase() === place.toLowerCase()) ?? place;
}

function allows(policy: Policy, reading: Reading, { does, with: [one, two] }: Act): boolean {
  const [first, second] = [onDisk(String(one)), onDisk(String(two))];
  const outbound = { operation: 'network-outbound', host: String(one), port: Number(two) };
  switch (does) {
    case 'write':
      return can(policy, 'change', first);
    case 'read':
      return can(policy, 'read', first);
    case 'create':
      return can(policy, 'create', first);
    case 'run':
      return can(policy, 'run', first);
    case 'rename':
      return canRename(policy, first, second);
    case 'link':
    case 'clone':
      return canLink(policy, reading, first, second);
    case 'signal':
      return policy({ operation: 'signal', sameSandbox: false });
    case 'tcp':
    case 'udp':
      return policy({ ...outbound, transport: does });
    case 'unix':
      return policy({ operation: 'network-outbound', path: String(one) });
    case 'listen':
      return policy({ operation: 'network-bind', host: String(one), port: 0, transport: 'tcp' });
  }
}
