import http from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { createDecisionLog } from '../../server/network-approval/audit/decision-log.js';
import { createNetworkApproval } from '../../server/network-approval/approval-service.js';
import type { NetworkApproval, Registration } from '../../server/network-approval/registration/registration.js';
import { silentLogger } from '../../server/log/log.js';
import { runInLane, status } from './support/lane-commands.js';
import { policyOf } from './support/policy.js';

/** Real lanes, real sandboxed commands, a real upstream on the host's loopback. */
if (process.platform !== 'linux') t.bailout('lanes are network namespaces: they exist on Linux only');

t.setTimeout(120_000);

const COMMANDS = 30;
const decisions = createDecisionLog();
let service: NetworkApproval;
let upstream: http.Server;
let host: string;

t.before(async () => {
  upstream = http.createServer((request, response) => response.end(`up ${request.url}`));
  await new Promise<void>((done) => upstream.listen(0, '127.0.0.1', done));
  host = `localhost:${(upstream.address() as AddressInfo).port}`;
  service = createNetworkApproval({ log: silentLogger, decisionLog: decisions, sandbox: { status } });
  service.warm();
});
t.teardown(async () => {
  await service.close();
  upstream.closeAllConnections();
  upstream.close();
});

const policy = policyOf({ localhost: 'allow', 'evil.test': 'deny' });
const register = (changes: { onDenial?: 'cancel' | 'refuse' } = {}): Promise<Registration> =>
  service.register({
    owner: { kind: 'connection', connectionId: 1, requestId: 1, processId: null },
    argv: ['bash'],
    cwd: '/',
    policy,
    onDenial: 'cancel',
    ...changes,
  });
/** Requests a URL from the proxy, using only bash; prints the last line of the body. */
const ask = (url: string, authority: string): string =>
  `exec 3<>/dev/tcp/127.0.0.1/\${HTTP_PROXY##*:}; printf 'GET ${url} HTTP/1.1\\r\\nHost: ${authority}\\r\\nConnection: close\\r\\n\\r\\n' >&3; tail -n 1 <&3`;

t.test('case 46: of thirty simultaneous commands, exactly the denied ones are aborted', async (t) => {
  for (let round = 0; round < 3; round++) {
    const ran = Array.from({ length: COMMANDS }, async (_, index) => {
      const registration = await register();
      const denied = (index + round) % 2 === 0;
      const line = denied
        ? `${ask('http://evil.test/', 'evil.test')}; sleep 30`
        : `${ask(`http://${host}/${index}`, host)}; sleep 0.1; echo; echo done`;
      const { code, output, denial } = await runInLane(registration, line);
      return { index, denied, code, output, denial, aborted: registration.signal.aborted };
    });
    for (const { index, denied, code, output, denial, aborted } of await Promise.all(ran)) {
      t.equal(aborted, denied, `command ${index} of round ${round}`);
      if (denied) t.match({ denial, output }, { denial: { host: 'evil.test', rule: 'evil.test' }, output: '' });
      else t.strictSame({ denial, code, output }, { denial: null, code: 0, output: `up /${index}\ndone\n` });
    }
  }
});

t.test('case 46: a denied command ends also before bubblewrap has bound itself to its parent’s life', async (t) => {
  const registration = await register();
  const line = `${ask('http://evil.test/', 'evil.test')}; sleep 30`;
  const { output, denial } = await runInLane(registration, line, {}, { unbound: true });
  t.match({ denial, output }, { denial: { host: 'evil.test' }, output: '' });
  t.ok(registration.signal.aborted);
});

t.test('cases 42 and 43: background processes end with their command, and their requests have no owner', async (t) => {
  const before = decisions.list().length;
  const a = await register();
  await runInLane(
    a,
    `(sleep 0.3; ${ask('http://evil.test/', 'evil.test')}) & setsid nohup bash -c 'sleep 0.3; echo x > /dev/tcp/127.0.0.1/'\${HTTP_PROXY##*:} & exit 0`,
  );
  const b = await register();
  const { output, denial } = await runInLane(b, `sleep 0.6; ${ask(`http://${host}/b`, host)}`);
  t.equal(output, 'up /b');
  t.equal(denial, null);
  t.strictSame(
    decisions.list({ after: before }).map(({ registrationId, host: name }) => [registrationId, name]),
    [[b.id, 'localhost']],
  );
});

t.test('case 42: a request at the moment of death belongs to the dead command, never to the next one', async (t) => {
  for (let i = 0; i < 20; i++) {
    const a = await register();
    const line = `exec 3<>/dev/tcp/127.0.0.1/\${HTTP_PROXY##*:}; printf 'GET http://evil.test/ HTTP/1.1\\r\\nHost: evil.test\\r\\n\\r\\n' >&3; kill -9 $$`;
    const ended = await runInLane(a, line);
    const b = await register();
    const { output, denial } = await runInLane(b, ask(`http://${host}/b`, host));
    t.equal(output, 'up /b');
    t.equal(denial, null);
    // Whether the proxy read A's request before A's death was reported is a race. Both outcomes belong to A.
    if (ended.denial !== null) t.match(ended.denial, { host: 'evil.test' });
  }
});

t.test('case 50: without the proxy’s variables nothing outside is reachable', async (t) => {
  const a = await register({ onDenial: 'refuse' });
  const { port } = upstream.address() as AddressInfo;
  const { output } = await runInLane(
    a,
    `unset \${!HTTP*} \${!http*} \${!ALL*} \${!all*}
     for to in 127.0.0.1/${port} 8.8.8.8/53 169.254.169.254/80; do (exec 3<>/dev/tcp/$to) 2>/dev/null && echo "$to open"; done
     echo closed`,
  );
  t.equal(output, 'closed\n');
});

t.test('case 50: only the command itself reaches servers on its loopback', async (t) => {
  const [a, b] = await Promise.all([register({ onDenial: 'refuse' }), register({ onDenial: 'refuse' })]);
  const serve = `exec 4< <(perl -MIO::Socket -e '$s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1:7777") or die; $c = $s->accept; print $c "mine\\n"'); sleep 0.5`;
  const reach = 'sleep 0.2; (cat < /dev/tcp/127.0.0.1/7777) 2>/dev/null || echo unreachable';
  const [inA, inB] = await Promise.all([runInLane(a, `${serve}; cat < /dev/tcp/127.0.0.1/7777`), runInLane(b, reach)]);
  t.equal(inA.output, 'mine\n');
  t.equal(inB.output, 'unreachable\n');
});
