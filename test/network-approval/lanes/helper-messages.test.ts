import dgram from 'node:dgram';
import { once } from 'node:events';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import t, { type Test } from 'tap';
import { packageRoot } from '../../../server/package/package-root.js';
import { startChild } from '../../fixtures/programs.js';

/** A process whose main function is `helpWith`, with these sockets. */
function helper(t: Test, make: string) {
  const at = (...parts: string[]) =>
    JSON.stringify(pathToFileURL(path.join(packageRoot(), 'build', 'server', ...parts)).href);
  const text = `
    import dgram from 'node:dgram';
    import { helpWith } from ${at('network-approval', 'lanes', 'helper-messages.js')};
    import { bindWithoutListening } from ${at('system', 'node', 'node-internals.js')};
    const udp = () => new Promise((resolve) => { const s = dgram.createSocket('udp4'); s.unref(); s.bind(0, '127.0.0.1', () => resolve(s)); });
    helpWith(async () => ${make});`;
  const child = startChild(process.execPath, ['--input-type=module', '-e', text], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

t.test('first it says what comes, then it sends each socket, and ends at the daemon’s word', async (t) => {
  const child = helper(
    t,
    "({ perCommand: 2, sockets: [bindWithoutListening('127.0.0.1'), bindWithoutListening('127.0.0.1')], resolvers: [await udp()] })",
  );
  const messages: unknown[] = [];
  const handles: unknown[] = [];
  await new Promise<void>((resolve) =>
    child.on('message', (message, handle) => {
      messages.push(message);
      if (handle !== undefined) handles.push(handle);
      if (handles.length === 3) resolve();
    }),
  );
  t.match(messages, [{ pid: child.pid, perCommand: 2, resolvers: 1 }, { index: 0 }, { index: 1 }, { index: 2 }]);
  t.equal((messages[0] as { ports: number[] }).ports.length, 2);
  const last = handles[2];
  t.ok(last instanceof dgram.Socket);
  if (last instanceof dgram.Socket) last.close();
  for (const handle of handles.slice(0, 2)) (handle as { close(): void }).close();
  const gone = once(child, 'exit');
  child.send('done');
  t.strictSame(await gone, [0, null]);
});

t.test('what fails is said on standard error', async (t) => {
  const child = helper(t, "{ throw new Error('no such thing') }");
  let said = '';
  child.stderr?.on('data', (piece: Buffer) => (said += piece.toString()));
  t.strictSame((await once(child, 'exit'))[0], 1);
  t.match(said, /no such thing/);
});
