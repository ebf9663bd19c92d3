import t from 'tap';
import { INITIALIZE, startDaemon } from '../support.js';

const LIST = 'thread/loaded/list';
const EXEC = { command: ['sleep', '60'] };

t.test('at the end of input all requests are answered, and then it ends with 0', async (t) => {
  const daemon = startDaemon(t);
  const asked = 2000;
  daemon.send(INITIALIZE);
  for (let id = 0; id < asked; id++) daemon.send({ id, method: LIST, params: {} });
  daemon.send({ id: 'slow', method: 'fs/readFile', params: { path: '/300' } });
  daemon.write(JSON.stringify({ id: 'last, without newline', method: LIST, params: {} }));
  daemon.process.stdin.end();
  t.equal(await daemon.exited, 0);
  t.equal(daemon.messages.filter(({ result }) => result !== undefined).length, asked + 3);
  t.ok(daemon.messages.some(({ id }) => id === 'slow'));
  t.ok(daemon.messages.some(({ id }) => id === 'last, without newline'));
});

t.test('the end of input ends with 0 before initialize, and without any input', async (t) => {
  for (const bytes of ['', `${JSON.stringify({ id: 1, method: LIST, params: {} })}\n`, '{"id":']) {
    const daemon = startDaemon(t);
    daemon.process.stdin.end(bytes);
    t.equal(await daemon.exited, 0);
  }
});

t.test('a running command does not delay the daemon’s end: it is stopped, and still answered', async (t) => {
  const daemon = startDaemon(t);
  daemon.send(INITIALIZE, { id: 1, method: 'command/exec', params: EXEC });
  await daemon.request(2, LIST);
  daemon.process.stdin.end();
  t.equal(await daemon.exited, 0);
  t.match(daemon.messages.at(-1), { id: 1, result: { exitCode: 137 } });
});

t.test('SIGTERM, SIGINT and SIGHUP all end it in order, with all requests answered', async (t) => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    const daemon = startDaemon(t);
    daemon.send(INITIALIZE, { id: 1, method: 'command/exec', params: EXEC });
    daemon.send({ id: 2, method: 'fs/readFile', params: { path: '/200' } });
    await daemon.request(3, LIST);
    daemon.process.kill(signal);
    t.equal(await daemon.exited, 0, signal);
    t.same(
      daemon.messages
        .map(({ id }) => id)
        .filter(Number)
        .sort(),
      [1, 2, 3],
      signal,
    );
  }
});

t.test('bytes that are not text, lines that are not messages, CRLF and blanks: the next line is read', async (t) => {
  const daemon = startDaemon(t);
  daemon.send(INITIALIZE);
  daemon.write(Buffer.from([0x7b, 0xff, 0xfe, 0x0a]));
  daemon.write('\r\n\n   \nnot json\n[]\n\u2028\n');
  daemon.write(`{"id":1,"method":"${LIST}",`);
  await daemon.says(/not UTF-8/);
  daemon.write('"params":{}}\r\n');
  await daemon.next(({ id }) => id === 1);
  daemon.write(`  {"id" : 2 ,\t"method": "${LIST}", "params" : { } }  \n`);
  await daemon.next(({ id }) => id === 2);
  t.equal(daemon.messages.length, 4, 'initialize, its notification, and the two');
  t.notOk(daemon.stdout().includes('jsonrpc'));
});

t.test('a line of 70 MiB is read, and only a line over the limit is lost', async (t) => {
  const daemon = startDaemon(t);
  daemon.send(INITIALIZE);
  const blank = 'x'.repeat(70 * 1024 * 1024);
  daemon.write(`{"id":1,"method":"${LIST}","params":{"ignored":"${blank}"}}\n`);
  t.match(await daemon.next(({ id }) => id === 1), { result: { data: [] } });
  daemon.write(`{"id":2,"method":"${LIST}","params":{"ignored":"${blank}`);
  daemon.write(`${blank}"}}\n`);
  await daemon.says(/longer than/);
  t.match(await daemon.request(3, LIST), { result: { data: [] } });
  t.notOk(daemon.messages.some(({ id }) => id === 2));
});

t.test('after 100 000 malformed lines it still answers, and its memory is as before', async (t) => {
  const daemon = startDaemon(t);
  daemon.send(INITIALIZE);
  const memory = async (nth: number): Promise<number> => {
    await daemon.request(`before ${nth}`, LIST);
    daemon.process.kill('SIGUSR2');
    const [, bytes] = await daemon.says(new RegExp(`(?:memory [^]*){${nth}}memory (\\d+)\n`));
    return Number(bytes);
  };
  const junk = ['{oops', '', '[]', '42', '{"id":1.5,"method":"x"}', '\ud83d{', '{"id":9}', '['.repeat(500), '\0', '"'];
  const flood = (count: number): void => {
    for (let batch = 0; batch < count / 1000; batch++) daemon.write(`${junk.join('\n')}\n`.repeat(100));
  };
  flood(20_000);
  await memory(0);
  const before = await memory(1);
  flood(100_000);
  const after = await memory(2);
  t.ok(after - before < 30 * 1024 * 1024, `${before} → ${after} bytes`);
  t.equal(daemon.messages.filter(({ id }) => id === undefined).length, 1, 'only the notification of initialize');
});

t.test('a reader that pauses does not stop the daemon: it reads later, and nothing is lost', async (t) => {
  const daemon = startDaemon(t);
  daemon.send(INITIALIZE);
  await daemon.next(({ id }) => id === 'init');
  daemon.process.stdout.pause();
  const asked = 20_000; // answers of about 1.2 MB: more than a pipe holds
  for (let id = 0; id < asked; id++) daemon.send({ id, method: LIST, params: {} });
  daemon.process.kill('SIGUSR2');
  await daemon.says(/memory/); // the event loop is not stuck in a write
  daemon.process.stdout.resume();
  await daemon.next(({ id }) => id === asked - 1);
  t.equal(new Set(daemon.messages.filter(({ id }) => typeof id === 'number').map(({ id }) => id)).size, asked);
});

t.test('at the end of input, a slow reader still gets every answer', async (t) => {
  const daemon = startDaemon(t);
  daemon.send(INITIALIZE);
  await daemon.next(({ id }) => id === 'init');
  daemon.process.stdout.pause();
  const asked = 20_000;
  for (let id = 0; id < asked; id++) daemon.send({ id, method: LIST, params: {} });
  daemon.process.stdin.end();
  setTimeout(() => daemon.process.stdout.resume(), 1500);
  t.equal(await daemon.exited, 0);
  t.equal(daemon.messages.filter(({ id }) => typeof id === 'number').length, asked);
});

t.test('an unhandled error is logged, and the daemon continues', async (t) => {
  const daemon = startDaemon(t);
  daemon.send(INITIALIZE, { id: 1, method: 'fs/readFile', params: { path: '/stray' } });
  await daemon.says(/an error that nothing handled: a stray exception/);
  await daemon.says(/an error that nothing handled: a stray rejection/);
  t.match(await daemon.request(2, LIST), { result: {} });
});

t.test("a client that closes the daemon's output ends the daemon", async (t) => {
  const daemon = startDaemon(t);
  daemon.send(INITIALIZE, { id: 1, method: 'command/exec', params: EXEC });
  await daemon.next(({ id }) => id === 'init');
  daemon.process.stdout.destroy();
  daemon.send({ id: 2, method: LIST, params: {} });
  t.equal(await daemon.exited, 0);
});
