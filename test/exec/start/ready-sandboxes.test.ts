import t from 'tap';
import type { ReadySandbox } from '../../../server/exec/process/ready-sandbox.js';
import { ReadySandboxes } from '../../../server/exec/start/ready-sandboxes.js';
import type { AdvanceSandbox } from '../../../server/sandbox/policy/sandbox.js';

/** Equal names are the same sandbox. */
interface Named extends AdvanceSandbox {
  readonly name: string;
}
const sandbox = (name: string): Named => ({
  name,
  workingFolder: '/',
  isSame: (other) => (other as Named).name === name,
  around: () => ({ file: '', args: [] }),
  open: () => ({ launch: -1, filter: -1, script: -1 }),
  holds: () => true,
});

interface Made {
  readonly name: string;
  disposed: boolean;
  state: ReturnType<ReadySandbox['look']>;
  since: number;
  end(): void;
}

function sandboxes(): { readonly pool: ReadySandboxes; readonly made: Made[] } {
  const made: Made[] = [];
  const pool = new ReadySandboxes((wanted, onEnd) => {
    const one: Made = { name: (wanted as Named).name, disposed: false, state: 'waits', since: Date.now(), end: onEnd };
    made.push(one);
    return Promise.resolve({
      get since() {
        return one.since;
      },
      look: () => one.state,
      become: () => null,
      dispose: () => ((one.disposed = true), Promise.resolve()),
    });
  });
  return { pool, made };
}

/** A command that needs it has run; the next one may start. */
async function ran(pool: ReadySandboxes, name: string): Promise<boolean> {
  const taken = pool.take(sandbox(name));
  pool.refill();
  await new Promise(setImmediate);
  return taken !== null;
}

t.test('one is made when two commands have needed the same, and is used once', async (t) => {
  const { pool, made } = sandboxes();
  t.equal(await ran(pool, 'a'), false);
  t.equal(made.length, 0, 'one command is no kind yet');
  t.equal(await ran(pool, 'a'), false);
  t.equal(made.length, 1);
  t.equal(pool.count, 1);
  t.equal(await ran(pool, 'a'), true);
  t.equal(made.length, 2, 'another for the next');
  t.notOk(made[0]?.disposed, 'what was taken is the command’s');
  await pool.close();
  t.ok(made[1]?.disposed);
});

t.test('another kind of command ends it; one that needs none leaves it', async (t) => {
  const { pool, made } = sandboxes();
  await ran(pool, 'a');
  await ran(pool, 'a');
  t.equal(pool.take(null), null);
  t.notOk(made[0]?.disposed);
  t.equal(await ran(pool, 'b'), false);
  t.ok(made[0]?.disposed);
  t.equal(pool.count, 0);
  t.equal(made.length, 1, 'the kinds alternate');
  await pool.close();
});

t.test('one that does not wait yet is kept; one that is lost or old is not', async (t) => {
  const { pool, made } = sandboxes();
  await ran(pool, 'a');
  await ran(pool, 'a');
  const [one] = made;
  if (one) one.state = 'starting';
  t.equal(await ran(pool, 'a'), false);
  t.equal(made.length, 1);
  if (one) one.state = 'lost';
  t.equal(await ran(pool, 'a'), false);
  t.ok(one?.disposed);
  t.equal(made.length, 2);
  const [, two] = made;
  if (two) two.since -= 31_000;
  t.equal(await ran(pool, 'a'), false);
  t.ok(two?.disposed);
  const [, , three] = made;
  three?.end();
  t.equal(pool.count, 0, 'one that has ended is forgotten');
  await pool.close();
});

t.test('after the end none is made, and one that is being made ends', async (t) => {
  const { pool, made } = sandboxes();
  pool.take(sandbox('a'));
  pool.take(sandbox('a'));
  pool.refill();
  await pool.close();
  t.ok(made[0]?.disposed);
  pool.refill();
  t.equal(made.length, 1);
  t.equal(pool.count, 0);
});
