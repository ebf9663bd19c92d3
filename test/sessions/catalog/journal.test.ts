import fs from 'node:fs';
import path from 'node:path';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { openJournal, type Entry, type Journal } from '../../../server/sessions/catalog/journal.js';
import { startChild } from '../../fixtures/programs.js';
import { notOnWindows } from '../../fixtures/windows.js';
import { isForUserAlone } from '../../fixtures/for-user-alone.js';

interface Opened extends Journal {
  readonly seen: string[];
}

/** A journal whose state is the list of the written texts. */
function open(folder: string, compactFrom?: number): Opened {
  const seen: string[] = [];
  const state = {
    apply(entry: Entry) {
      if (typeof entry['text'] === 'string' && !seen.includes(entry['text'])) seen.push(entry['text']);
    },
    entries: () => seen.map((text) => ({ k: 'text', text })),
    reset: () => void seen.splice(0),
  };
  const journal = openJournal({ folder, state, ...(compactFrom === undefined ? {} : { compactFrom }) });
  return { ...journal, seen };
}
const write = (journal: Journal, text: string): void => journal.append({ k: 'text', text });
const files = (folder: string): string[] => fs.readdirSync(folder).sort();

t.test('two daemons write facts in one order', async (t) => {
  const folder = path.join(t.testdir(), 'codexd');
  const [a, b] = [open(folder), open(folder)];
  write(a, 'one');
  write(b, 'two');
  write(a, 'three');
  b.catchUp();
  t.strictSame(a.seen, ['one', 'two', 'three']);
  t.strictSame(b.seen, a.seen);
  t.ok(await isForUserAlone(path.join(folder, 'facts.1.jsonl')));
  t.ok(await isForUserAlone(folder));
  a.close();
  b.close();
});

t.test('invalid lines are skipped, and the line after an incomplete one is kept', async (t) => {
  const folder = t.testdir({
    'facts.1.jsonl': '{"k":"text","text":"kept"}\n\u0000garbage\n[1]\n{"k":5}\n\n{"k":"text","te',
  });
  const journal = open(folder);
  write(journal, 'after the tear');
  journal.close();
  const again = open(folder);
  again.catchUp();
  t.strictSame(again.seen, ['kept', 'after the tear']);
  again.close();
});

t.test('a long journal is compacted while several daemons write, and nothing is lost', async (t) => {
  const folder = t.testdir();
  const daemons = [open(folder, 300), open(folder, 300), open(folder, 300)];
  const written: string[] = [];
  for (let n = 0; n < 300; n++) {
    // A few texts are repeated, so the journal is much longer than its state.
    const text = `fact ${n % 7}`;
    if (!written.includes(text)) written.push(text);
    write(daemons[n % 3] as Journal, text);
  }
  for (const daemon of daemons) {
    daemon.catchUp();
    t.strictSame(daemon.seen, written);
    daemon.close();
  }
  t.equal(files(folder).length, 1, 'one generation is left');
  t.not(files(folder)[0], 'facts.1.jsonl', 'it was compacted');
  const late = open(folder);
  late.catchUp();
  t.strictSame(late.seen, written);
  late.close();
});

t.test('a fact after a seal is written again to the next generation', async (t) => {
  const folder = t.testdir();
  const a = open(folder);
  write(a, 'before');
  fs.appendFileSync(
    path.join(folder, 'facts.1.jsonl'),
    '{"k":"seal"}\n{"k":"text","text":"behind, by one who died"}\n',
  );
  write(a, 'after');
  t.strictSame(a.seen, ['before', 'after']);
  t.strictSame(files(folder), ['facts.2.jsonl']);
  a.close();
});

t.test('if the daemon that sealed a journal died, the next daemon completes the compaction', async (t) => {
  const folder = t.testdir({ 'facts.3.jsonl': '{"k":"text","text":"one"}\n{"k":"seal"}\n' });
  const journal = open(folder);
  journal.catchUp();
  t.strictSame(journal.seen, ['one']);
  t.strictSame(files(folder), ['facts.4.jsonl']);
  journal.close();
});

t.test('a file that was compacted away between the look for it and its opening is not made again', async (t) => {
  const folder = t.testdir({ 'facts.2.jsonl': '{"k":"text","text":"one"}\n' });
  const { readdirSync } = fs;
  t.teardown(() => void (fs.readdirSync = readdirSync));
  let looks = 0;
  fs.readdirSync = ((...args: Parameters<typeof readdirSync>) =>
    looks++ < 2 ? ['facts.1.jsonl'] : readdirSync(...args)) as typeof readdirSync;
  const journal = open(folder);
  write(journal, 'two');
  t.ok(looks > 2, 'it looked again');
  t.strictSame(files(folder), ['facts.2.jsonl']);
  journal.close();
  const again = open(folder);
  again.catchUp();
  t.strictSame(again.seen, ['one', 'two']);
  again.close();
});

t.test('facts survive if the folder is removed under a running daemon', notOnWindows, async (t) => {
  const folder = path.join(t.testdir(), 'codexd');
  const journal = open(folder);
  write(journal, 'one');
  fs.rmSync(folder, { recursive: true });
  write(journal, 'two');
  journal.close();
  const again = open(folder);
  again.catchUp();
  t.strictSame(again.seen, ['one', 'two']);
  again.close();
});

const WRITER = fileURLToPath(new URL('./support-writer.js', import.meta.url));

t.test('every acknowledged fact survives kill -9', async (t) => {
  const folder = t.testdir();
  const acknowledged = new Set<string>();
  for (let round = 0; round < 6; round++) {
    const writers = [0, 1].map((n) =>
      startChild(process.execPath, [WRITER, folder, `${round}.${n}`], { stdio: ['ignore', 'pipe', 'inherit'] }),
    );
    const wanted = 40 + round * 13;
    let count = 0;
    await new Promise<void>((resolve) => {
      for (const { stdout } of writers) {
        let rest = '';
        stdout.setEncoding('utf8').on('data', (data: string) => {
          const lines = (rest + data).split('\n');
          rest = lines.pop() ?? '';
          for (const text of lines) acknowledged.add(text);
          count += lines.length;
          if (count > wanted) resolve();
        });
      }
    });
    const gone = writers.map((writer) => once(writer, 'close'));
    for (const writer of writers) writer.kill('SIGKILL');
    await Promise.all(gone);
  }
  const journal = open(folder);
  journal.catchUp();
  const there = new Set(journal.seen);
  t.strictSame(
    [...acknowledged].filter((text) => !there.has(text)),
    [],
  );
  t.ok(acknowledged.size > 200, `${acknowledged.size} facts were written`);
  journal.close();
});
