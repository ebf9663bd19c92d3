/**
 * npm run fuzz [-- --runs N --seed S --only CHECK --socket N]: mutates seeds over the parsers of the proxy, in process,
 * and some over real sockets. The seed is printed, and repeats the run; the exit code is 1 with the input that did it.
 */
import { parseArgs } from 'node:util';
import { CHECKS, OPENSSL, type Check } from './checks.js';
import { overSocket } from './over-socket.js';
import { mutate, random } from './random.js';

export interface Found {
  readonly check: string;
  readonly input: Buffer;
  readonly cut: number;
  readonly error: unknown;
}

/** An input that takes longer than this, in milliseconds, counts as a hang. */
const HANG_MS = 5000;

/** Runs one check `runs` times. Resolves with the first input that fails it, and how many were accepted. */
export async function fuzz(
  check: Check,
  runs: number,
  seed: number,
): Promise<{ found: Found | null; accepted: number }> {
  const from = random(seed);
  let accepted = 0;
  for (let n = 0; n < runs; n++) {
    const input = mutate(check.seeds, check.words, from);
    const cut = from.below(input.length + 1);
    let timer: NodeJS.Timeout | undefined;
    try {
      const running = check.run(input, cut);
      if (typeof running !== 'boolean') {
        const late = new Promise<never>(
          (_, reject) => (timer = setTimeout(() => reject(new Error('it hangs')), HANG_MS)),
        );
        if (await Promise.race([running, late])) accepted++;
      } else if (running) accepted++;
    } catch (error) {
      return { found: { check: check.name, input, cut, error }, accepted };
    } finally {
      clearTimeout(timer);
    }
  }
  return { found: null, accepted };
}

export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string' },
      seed: { type: 'string' },
      only: { type: 'string' },
      socket: { type: 'string' },
    },
  });
  const runs = Number(values.runs ?? 1_000_000);
  const seed = Number(values.seed ?? Date.now() % 0x7fffffff);
  const wanted = CHECKS.filter(({ name }) => values.only === undefined || name === values.only);
  console.log(`fuzz: seed ${seed}, ${runs} inputs over ${wanted.map(({ name }) => name).join(', ') || values.only}`);
  const jobs: (readonly [Check, number])[] = wanted.map((check) => [check, Math.ceil(runs / wanted.length)]);
  if (values.only === undefined || values.only === OPENSSL.name) jobs.push([OPENSSL, Math.ceil(runs / 50)]);
  for (const [index, [check, count]] of jobs.entries()) {
    const begun = performance.now();
    const { found, accepted } = await fuzz(check, count, seed + index);
    if (found !== null) return tell(found, seed);
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`fuzz: ${check.name}: ${count} inputs, ${accepted} accepted, nothing found, ${seconds} s`);
  }
  const sockets = Number(values.socket ?? (values.only === undefined ? 20_000 : 0));
  if (sockets > 0) {
    const begun = performance.now();
    const found = await overSocket(sockets, seed + jobs.length);
    if (found !== null) return tell(found, seed);
    console.log(
      `fuzz: over sockets: ${sockets} inputs, nothing found, ${((performance.now() - begun) / 1000).toFixed(1)} s`,
    );
  }
  return 0;
}

function tell({ check, input, cut, error }: Found, seed: number): number {
  console.log(`fuzz: FOUND by ${check}, seed ${seed}: ${error instanceof Error ? error.message : String(error)}`);
  console.log(`  input (base64, cut at ${cut}): ${input.toString('base64')}`);
  console.log(`  as text: ${JSON.stringify(input.toString('latin1'))}`);
  return 1;
}
