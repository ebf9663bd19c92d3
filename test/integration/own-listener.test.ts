import t from 'tap';
import { proxiedConfig, startDaemon } from '../fixtures/daemon.js';

t.test('no policy lets a command reach the daemon that runs it (cases 19 and 34)', async (t) => {
  const daemon = await startDaemon({
    config: proxiedConfig({ '*': 'allow', '127.0.0.1': 'allow', localhost: 'allow' }),
  });
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  const { port } = new URL(daemon.url);
  for (const host of ['127.0.0.1', 'localhost', '127.0.0.2']) {
    const script = `exec 3<>/dev/tcp/127.0.0.1/\${HTTP_PROXY##*:}
      printf 'GET http://${host}:${port}/readyz HTTP/1.1\\r\\nHost: ${host}:${port}\\r\\nConnection: close\\r\\n\\r\\n' >&3; cat <&3; sleep 60`;
    const result = await client.request('command/exec', { command: ['bash', '-c', script], timeoutMs: 20_000 });
    t.match(
      result,
      { exitCode: 137, stdout: '', networkDenial: { port: Number(port), reason: 'not_allowed_local' } },
      host,
    );
  }
});

t.test('the environment that a command requests has no effect outside of its sandbox', async (t) => {
  const daemon = await startDaemon({
    config: proxiedConfig(),
  });
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  const env = { LD_PRELOAD: '/nowhere/preloaded.so', LD_AUDIT: '/nowhere/audit.so' };
  // `true` is the one program that the loader may complain about: sh, nsenter and bwrap run before it.
  const { stderr, exitCode } = await client.request('command/exec', { command: ['true'], env });
  t.equal(exitCode, 0);
  t.equal(stderr.match(/preloaded\.so/g)?.length, 1, stderr);
});
