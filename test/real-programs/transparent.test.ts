/**
 * Programs that people use, in lanes for `transparent_tcp`, against real servers on loopback: allowed, refused, ended
 * by a denial, and prompted. What is not installed is reported as NOT RUN.
 */
import t from 'tap';
import { GO_PROGRAMS } from './go-programs.js';
import { GRPC_PROGRAMS } from './grpc-programs.js';
import { find, PROGRAMS } from './programs.js';
import { HOSTS, transparentCommands } from './support.js';

if (process.platform !== 'linux') t.bailout('lanes are network namespaces: they exist on Linux only');
t.setTimeout(600_000);

const run = transparentCommands(t);
const notRun = (what: string): string => `NOT RUN: ${what} is not installed`;

for (const program of [...PROGRAMS, ...GO_PROGRAMS, ...GRPC_PROGRAMS])
  t.test(program.name, async (t) => {
    const line = await program.prepare(t);
    if (typeof line === 'string') return void t.pass(program.name, { skip: notRun(line) });

    const allowed = await run(line(HOSTS.allowed));
    t.match(allowed, { exitCode: 0, denial: null, output: /reached/ }, 'allowed');

    const refused = await run(line(HOSTS.denied), { onDenial: 'refuse' });
    t.match(
      refused,
      { cause: 'exit', denial: null, output: /reset|closed|refused|hang up|couldn.t|could not|error/i },
      'refused',
    );
    t.notMatch(refused.output, /reached/);

    const [ended, neighbour] = await Promise.all([
      run(`echo before; ${line(HOSTS.denied)}; sleep 600`),
      run(`${line(HOSTS.allowed)}; sleep 0.2; echo lives`),
    ]);
    t.match(
      ended,
      { cause: 'denial', denial: { host: HOSTS.denied, protocol: 'socks5Tcp' }, output: /^before\n/ },
      'denied',
    );
    t.notMatch(ended.output, /reached/);
    t.match(neighbour, { exitCode: 0, denial: null, output: /reached[^]*lives/ }, 'its neighbour');

    const hosts: string[] = [];
    const onPrompt = (host: string): void => void hosts.push(host);
    t.match(await run(line(HOSTS.asked), { answer: 'accept', onPrompt }), { exitCode: 0, output: /reached/ }, 'yes');
    const no = await run(`${line(HOSTS.asked)}; sleep 600`, { answer: 'decline', onPrompt });
    t.match(no, { cause: 'denial', denial: { host: HOSTS.asked } }, 'no');
    t.notMatch(no.output, /reached/);
    t.strictSame([...new Set(hosts)], [HOSTS.asked], 'a person is asked about the name');
  });

t.test('dig', async (t) => {
  const dig = find('dig');
  if (dig === null) return void t.pass('dig', { skip: notRun('dig (package bind9-dnsutils)') });
  const { output } = await run(
    `${dig} +short a.test @9.9.9.9; ${dig} +short +tcp a.test; ${dig} +short AAAA a.test; ${dig} +short b.test @127.0.0.53; ${dig} +noall +comments 'a b.test' TXT; ${dig} +short -x 198.18.0.1; echo end`,
  );
  t.match(output, /^198\.18\.0\.1\n198\.18\.0\.1\nfdc0:de00::1\n198\.18\.0\.2\n[^]*status: NXDOMAIN[^]*\nend\n/);
  const sixth = await run(`for way in +notcp +tcp; do ${dig} -6 $way +short a.test @2001:db8::53 2>/dev/null; done`);
  t.equal(sixth.output, '198.18.0.1\n198.18.0.1\n', 'a name server with an IPv6 address');
});
