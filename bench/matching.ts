/**
 * npm run bench:matching: the cost of a growing number of domain rules, in this process and on one core.
 *
 * For each number of rules: the time to compile them, and the time of one decision, over hosts that match exactly, by
 * wildcard and not at all.
 */
import { compile } from '../server/network-approval/decide/domain-rules.js';
import { canonicalHost, type Target } from '../server/network-approval/decide/targets.js';

const SIZES = [10, 100, 1_000, 10_000, 100_000];
const MATCHES = 200_000;

console.log('rules      compile      a match      matches/s');
for (const size of SIZES) {
  const policy = { domains: rules(size), reviewDomains: [], managedAllowedDomainsOnly: false };
  const begun = performance.now();
  const compiled = compile(policy);
  const compileMs = performance.now() - begun;

  const targets = hosts(size);
  let allowed = 0;
  const pass = (): void => {
    for (let n = 0; n < MATCHES; n++) {
      const { deny, allow } = compiled.match(targets[n % targets.length] as Target);
      if (allow && !deny) allowed++;
    }
  };
  pass(); // Warm-up: the engine compiles the code before the second, measured pass.
  allowed = 0;
  const started = performance.now();
  pass();
  const seconds = (performance.now() - started) / 1000;
  if (allowed === 0 || allowed === MATCHES) throw new Error(`the rules let ${allowed} of ${MATCHES} through`);
  const each = `${((seconds / MATCHES) * 1e6).toFixed(2)} µs`;
  const rate = Math.round(MATCHES / seconds).toLocaleString('en');
  console.log(
    `${String(size).padEnd(8)} ${`${compileMs.toFixed(1)} ms`.padStart(9)} ${each.padStart(12)} ${rate.padStart(14)}`,
  );
}

/** One third exact rules, one third wildcards, one third denials. */
function rules(size: number) {
  return Array.from({ length: size }, (_, n) => ({
    pattern: n % 3 === 0 ? `host${n}.example.com` : n % 3 === 1 ? `*.zone${n}.example.net` : `**.bad${n}.example.org`,
    verdict: n % 3 === 2 ? ('deny' as const) : ('allow' as const),
    source: 'profile' as const,
  }));
}

function hosts(size: number): Target[] {
  const numbers = Array.from({ length: 300 }, (_, n) => Math.floor((n * size) / 300));
  const names = numbers.flatMap((n) => [
    `host${n - (n % 3)}.example.com`,
    `a.b.zone${n - (n % 3) + 1}.example.net`,
    `deep.bad${n - (n % 3) + 2}.example.org`,
    `nowhere${n}.example.edu`,
  ]);
  return names.map((name) => {
    const host = canonicalHost(name);
    if (!host) throw new Error(`no host: ${name}`);
    return { host, port: 443 };
  });
}
