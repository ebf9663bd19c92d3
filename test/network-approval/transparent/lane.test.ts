/**
 * Not in test:quick: real lanes for `transparent_tcp`, real sandboxed programs that know no proxy, real servers on the
 * host's loopback.
 */
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { createDecisionLog } from '../../../server/network-approval/audit/decision-log.js';
import { createNetworkApproval } from '../../../server/network-approval/approval-service.js';
import type { NetworkApproval, RegisterOptions } from '../../../server/network-approval/registration/registration.js';
import { createAsk } from '../../../server/network-approval/prompts/ask.js';
import { turnDecisions } from '../../../server/network-approval/prompts/offers.js';
import type { Prompt, Prompter } from '../../../server/network-approval/registration/prompter.js';
import { createSessionMemory } from '../../../server/network-approval/registration/session-memory.js';
import { silentLogger } from '../../../server/log/log.js';
import { scratchFolder, testAuthority } from '../support/certificates.js';
import { runInLane, status } from '../support/lane-commands.js';
import { hookOf } from '../support/hooks.js';
import { startSecureUpstream } from '../support/limited.js';
import type { NetworkPolicy } from '../../../server/config/permissions/network-policy.js';
import { policyOf } from '../support/policy.js';

if (process.platform !== 'linux') t.bailout('lanes are network namespaces: they exist on Linux only');
t.setTimeout(180_000);

const decisions = createDecisionLog();
let service: NetworkApproval;
let port: number;
/** Speaks first, as database servers and ssh do; then says what it got. */
const server = net.createServer((socket) => {
  socket.on('error', () => {});
  socket.write('ready\n');
  socket.once('data', (data) => socket.end(`got ${data.toString()}`));
});

t.before(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  ({ port } = server.address() as AddressInfo);
  service = createNetworkApproval({
    log: silentLogger,
    decisionLog: decisions,
    sandbox: { status },
    ask: createAsk({ log: silentLogger, rules: { appendNetworkRule: async () => {} } }),
    resolver: {
      lookup: async (name) => {
        if (!name.endsWith('.test') || name.startsWith('unknown')) throw new Error('ENOTFOUND');
        return ['127.0.0.1'];
      },
    },
  });
});
t.teardown(async () => {
  await service.close();
  server.close();
});

const policy = policyOf(
  { 'db.test': 'allow', 'unknown.test': 'allow', '192.0.2.7': 'allow', 'evil.test': 'deny' },
  { allowLocalBinding: true, transparentTcp: true },
);
const register = (changes: Partial<RegisterOptions> = {}) =>
  service.register({
    owner: { kind: 'connection', connectionId: 1, requestId: 1, processId: null },
    argv: ['bash'],
    cwd: '/',
    policy,
    onDenial: 'cancel',
    ...changes,
  });
const run = async (line: string, changes?: Partial<RegisterOptions>) => runInLane(await register(changes), line);
/** What a plain socket does. */
const speak = (host: string, word: string): string => `exec 3<>/dev/tcp/${host}/${port} && echo ${word} >&3 && cat <&3`;
/** Asks for a name over UDP in perl, which needs no resolv.conf; prints the address. */
const look = (name: string, server: string, type = 1): string => `perl -MIO::Socket::IP -e '
  my $s = IO::Socket::IP->new(PeerHost => "${server}", PeerPort => 53, Proto => "udp") or die "$!";
  $s->send(pack("n6", 7, 0x100, 1, 0, 0, 0) . join("", map { pack("C/a*", $_) } split /\\./, "${name}") . pack("Cnn", 0, ${type}, 1));
  $SIG{ALRM} = sub { print "silence\\n"; exit }; alarm 5; defined $s->recv(my $d, 600) or die "$!";
  print join(".", map { $_ } unpack("C*", substr($d, -4))), "\\n"'`;

t.test('a plain socket reaches an allowed host by its name, and the log says so', async (t) => {
  const { output, code, denial } = await run(speak('db.test', 'select'));
  t.strictSame({ output, code, denial }, { output: 'ready\ngot select\n', code: 0, denial: null });
  t.match(decisions.list().at(-1), { host: 'db.test', port, protocol: 'socks5Tcp', verdict: 'allow', rule: 'db.test' });
});

t.test('a denied host cancels the command that asked, with what it wrote before', async (t) => {
  const { output, denial } = await run(`echo before; ${speak('evil.test', 'x')}; sleep 30`);
  t.match(denial, { host: 'evil.test', port, protocol: 'socks5Tcp' });
  t.equal(output, 'before\n');
});

t.test('refused without an end, a connection is reset', async (t) => {
  const { output, code } = await run(`exec 3<>/dev/tcp/evil.test/${port}; cat <&3; echo "end $?"`, {
    onDenial: 'refuse',
  });
  t.match(output, /reset by peer/);
  t.match(output, /end 1\n$/);
  t.equal(code, 0);
});

t.test('an allowed host that does not exist, or where nothing listens, is reset as well', async (t) => {
  const { output, denial } = await run(
    `exec 3<>/dev/tcp/unknown.test/${port}; cat <&3; exec 3<>/dev/tcp/db.test/9; cat <&3`,
  );
  t.equal(output.match(/reset by peer/g)?.length, 2, output);
  t.equal(denial, null);
});

t.test('a literal address is judged as one', async (t) => {
  const { denial } = await run(`exec 3<>/dev/tcp/203.0.113.9/22; cat <&3; sleep 30`);
  t.match(denial, { host: '203.0.113.9', port: 22 });
  const sixth = await run(`exec 3<>/dev/tcp/2001:db8::9/22; cat <&3; sleep 30`);
  t.match(sixth.denial, { host: '2001:db8::9', port: 22 });
});

t.test('an address of no name is no name: the next command knows nothing of the one before', async (t) => {
  const first = await run(`${look('db.test', '127.0.0.53')}`);
  t.equal(first.output, '198.18.0.1\n');
  const { denial } = await run(`exec 3<>/dev/tcp/198.18.0.1/${port}; cat <&3; sleep 30`);
  t.match(denial, { host: '198.18.0.1' });
});

t.test('every name server is ours, and answers in its own name', async (t) => {
  const servers = ['127.0.0.53', '9.9.9.9', '127.0.0.1', '10.1.2.3'];
  const { output } = await run(servers.map((server) => look('a.example', server)).join(';'));
  t.equal(output, '198.18.0.1\n'.repeat(servers.length));
  t.notOk(
    decisions.list().some(({ host }) => host === 'a.example'),
    'a question is no request',
  );
});

t.test('a name server with an IPv6 address answers from there, to connected sockets and to others', async (t) => {
  const servers = ['2001:db8::53', '::1', 'fdc0:de00::7', '2620:fe::9'];
  const { output } = await run(
    `${servers.map((server) => look('a.example', server)).join(';')}
     perl -MSocket=:all -e '
       socket(my $s, AF_INET6, SOCK_DGRAM, 0) or die; setsockopt($s, IPPROTO_IPV6, IPV6_V6ONLY, 1);
       $SIG{ALRM} = sub { print "silence\n"; exit }; alarm 5;
       for ("2001:db8::53", "2001:db8::54") {
         my $question = pack("n6", 7, 0x100, 1, 0, 0, 0) . pack("(C/a*)2Cnn", "b", "example", 0, 28, 1);
         send($s, $question, 0, pack_sockaddr_in6(53, inet_pton(AF_INET6, $_))) or die "$!";
         my (undef, $address) = unpack_sockaddr_in6(recv($s, my $d, 600, 0));
         print inet_ntop(AF_INET6, $address), " ", inet_ntop(AF_INET6, substr($d, -16)), "\n";
       }'`,
  );
  t.equal(output, `${'198.18.0.1\n'.repeat(servers.length)}2001:db8::53 fdc0:de00::2\n2001:db8::54 fdc0:de00::2\n`);
});

t.test('names resolve with the system’s own functions, in both families', async (t) => {
  // Not ahosts: without the daemon's filter of system calls, glibc asks netlink and finds loopback addresses alone.
  const { output } = await run('getent hosts db.test; getent hosts db.test | wc -l');
  t.match(output, /^fdc0:de00::1\s+db\.test\n1\n/);
});

t.test('IPv6 reaches the same name', async (t) => {
  const { output } = await run(`${look('db.test', '9.9.9.9')}; ${speak('fdc0:de00::1', 'six')}`);
  t.equal(output, '198.18.0.1\nready\ngot six\n');
});

t.test('other datagrams are refused aloud, and 127.0.0.1 is the command’s own', async (t) => {
  const { output } = await run(
    `exec 3<>/dev/udp/192.0.2.1/9999; echo x >&3; cat <&3; (exec 3<>/dev/tcp/127.0.0.1/1) 2>&1; (exec 3<>/dev/tcp/127.0.0.1/1; cat <&3) 2>&1
     perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1:7777") or die; if (fork) { print readline IO::Socket::INET->new("127.0.0.1:7777") } else { $c = $s->accept; print $c "mine\\n" }'`,
  );
  t.match(output, /Connection refused/);
  t.match(output, /mine\n/);
  t.notMatch(output, /ready/);
});

t.test('the command cannot change what leads where', async (t) => {
  const { output, denial } = await run(
    `for line in 'ip route del local default dev lo' 'ip link add x type dummy' 'nft flush ruleset' 'unshare -Urn true'; do
       command -v \${line%% *} >/dev/null || continue; $line 2>/dev/null && echo "did $line"; done
     perl -MSocket -e 'print "raw socket\\n" if socket(my $s, AF_INET, SOCK_RAW, 6)'
     perl -MIO::Socket::INET -e 'for (1, 53) { print "listens on $_\\n" if IO::Socket::INET->new(Listen => 1, LocalAddr => "0.0.0.0:$_") }'
     echo done`,
  );
  t.equal(output, 'done\n');
  t.equal(denial, null);
});

t.test('a prompt makes the connection wait, and its answer lets it through', async (t) => {
  const asked: Prompt[] = [];
  const prompter: Prompter = {
    memory: createSessionMemory(),
    offers: turnDecisions,
    ask: async (prompt) => {
      asked.push(prompt);
      return 'accept';
    },
  };
  const { output, denial } = await run(speak('ask.test', 'please'), { prompter });
  t.equal(denial, null);
  t.equal(output, 'ready\ngot please\n');
  t.match(asked, [{ host: 'ask.test', protocol: 'socks5Tcp' }]);
});

/** Thirty commands: the denied ones end, the others do not notice. */
t.test('of twenty commands at once, exactly the denied ones end', async (t: Test) => {
  for (let round = 0; round < 2; round++) {
    const ran = Array.from({ length: 20 }, async (_, index) => {
      const denied = (index + round) % 2 === 0;
      const line = denied
        ? `${speak('evil.test', 'x')}; sleep 30`
        : `${speak('db.test', String(index))}; sleep 0.1; echo done`;
      return { index, denied, ...(await run(line)) };
    });
    for (const { index, denied, code, output, denial } of await Promise.all(ran)) {
      if (denied) t.match(denial, { host: 'evil.test' }, `command ${index} of round ${round}`);
      else t.strictSame({ denial, code, output }, { denial: null, code: 0, output: `ready\ngot ${index}\ndone\n` });
    }
  }
});

/** What a program that knows no proxy gets for four requests to web.test. */
async function looked(t: Test, changes: Partial<NetworkPolicy>) {
  const authority = testAuthority(t);
  const codexHome = scratchFolder(t);
  const limited = createNetworkApproval({
    log: silentLogger,
    decisionLog: createDecisionLog(),
    sandbox: { status },
    codexHome,
    environment: { SSL_CERT_FILE: authority.file },
    resolver: { lookup: async () => ['127.0.0.1'] },
  });
  t.teardown(() => limited.close());
  const secure = await startSecureUpstream(t, authority.issue('DNS:web.test'));
  const plain = http.createServer((request, response) => response.end(`plain ${request.method} ${request.url}`));
  plain.listen(0, '127.0.0.1');
  await once(plain, 'listening');
  t.teardown(() => {
    plain.closeAllConnections();
    plain.close();
  });
  const { port: plainPort } = plain.address() as AddressInfo;
  const script = `
    const say = (scheme, port, method) => new Promise((done) => {
      const request = require('node:' + scheme).request(scheme + '://web.test:' + port + '/x', { method, agent: false }, (answer) => {
        let text = '';
        answer.on('data', (piece) => (text += piece));
        answer.on('end', () => done(console.log(scheme, method, answer.statusCode, text.split('\\n')[0])));
      });
      request.on('error', (error) => done(console.log(scheme, method, error.code)));
      request.end();
    });
    (async () => {
      await say('https', ${secure.port}, 'GET');
      await say('https', ${secure.port}, 'POST');
      await say('http', ${plainPort}, 'GET');
      await say('http', ${plainPort}, 'DELETE');
    })();`;
  const registration = await limited.register({
    owner: { kind: 'connection', connectionId: 1, requestId: 1, processId: null },
    argv: ['node'],
    cwd: '/',
    policy: policyOf({ 'web.test': 'allow' }, { allowLocalBinding: true, transparentTcp: true, ...changes }),
    onDenial: 'refuse',
  });
  // Node asks its own proxy variables only when told to.
  const { output } = await runInLane(registration, `NODE_USE_ENV_PROXY=0 ${process.execPath} -e "$SCRIPT"`, {
    SCRIPT: script,
  });
  return { lines: output.trim().split('\n'), seen: secure.seen };
}

t.test('limited mode looks into TLS and into plain HTTP', async (t) => {
  const { lines, seen } = await looked(t, { mode: 'limited' });
  t.match(lines, [
    /^https GET 200 up GET \/x$/,
    /^https POST 403 /,
    /^http GET 200 plain GET \/x$/,
    /^http DELETE 403 /,
  ]);
  t.equal(seen.length, 1);
});

t.test('hooks judge requests over TLS, and refuse others', async (t) => {
  const { lines, seen } = await looked(t, { hooks: [hookOf({ host: 'web.test', methods: ['GET'], paths: ['/x'] })] });
  t.match(lines, [
    /^https GET 200 up GET \/x$/,
    /^https POST 403 HTTPS request denied by MITM hook policy\.$/,
    /^http GET 403 .*"reason":"mitm_required"/,
    /^http DELETE 403 /,
  ]);
  t.equal(seen.length, 1);
});

t.test('without SOCKS it contradicts itself', async (t) => {
  const contradiction = policyOf({}, { transparentTcp: true, enableSocks5: false });
  await t.rejects(register({ policy: contradiction }), /transparent_tcp requires an enabled managed SOCKS5 proxy/);
});

t.test('without the option plain sockets have no network, and nobody resolves', async (t) => {
  const proxied = policyOf({ 'db.test': 'allow' }, { allowLocalBinding: true });
  const { output, denial } = await run(`(exec 3<>/dev/tcp/198.18.0.1/${port}) 2>&1; ${look('db.test', '127.0.0.53')}`, {
    policy: proxied,
  });
  t.match(output, /Network is unreachable/);
  t.notMatch(output, /198\.18\.0\.1\n$/);
  t.equal(denial, null);
});
