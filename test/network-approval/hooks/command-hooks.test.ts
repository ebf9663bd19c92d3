import t from 'tap';
import type { MitmHook } from '../../../server/config/permissions/mitm-hooks.js';
import { createCommandHooks, hookedHosts } from '../../../server/network-approval/hooks/command-hooks.js';
import { parseAuthority } from '../../../server/network-approval/decide/targets.js';
import { parseRequestHead } from '../../../server/network-approval/proxy/http/request-head.js';
import { hookOf } from '../support/hooks.js';

/** The name of the hook that a request matches. */
async function judged(
  hooks: readonly MitmHook[],
  line: string,
  headers: readonly string[] = [],
  authority = 'ok.test:443',
) {
  const head = parseRequestHead(Buffer.from([`${line} HTTP/1.1`, ...headers, '', ''].join('\r\n'), 'latin1'));
  const target = parseAuthority(authority, 443);
  if (typeof head === 'string' || target === null) throw new Error(`no request: ${line}`);
  const found = (await createCommandHooks(hooks, { TOKEN: 'secret' })).judge(head, target, head.target);
  return found === null || found === 'denied' ? found : found.hook;
}

t.test('the first hook by name that matches in everything counts', async (t) => {
  const hooks = [
    hookOf(),
    hookOf({ name: 'scoped', paths: ['pattern:/g/[!a]*'], ports: [8443] }),
    hookOf({
      name: 'strict',
      paths: ['/'],
      methods: ['GET'],
      query: [{ name: 's', values: ['open', 'pattern:tri*'] }],
      headers: [{ name: 'x-v', values: ['1'] }],
    }),
  ];
  const v = ['x-v: 1'];
  const rows: readonly [line: string, hook: string | null, headers?: readonly string[], authority?: string][] = [
    ['GET /repo/a', 'reads'],
    ['GET /repo/a', null, [], 'other.test'],
    ['GET /repo/a', 'reads', [], 'ok.test:99'],
    ['PUT /repo/a', 'denied'],
    ['get /repo/a', 'denied'],
    ['GET /repo', 'denied'],
    ['GET /REPO/a', 'denied'],
    ['GET /repo/../x', 'denied'],
    ['GET //repo/a', 'denied'],
    ['GET /repo//a', 'reads'],
    ['OPTIONS *', 'denied'],
    ['GET /g/b', 'denied'],
    ['GET /g/b', 'scoped', [], 'ok.test:8443'],
    ['GET /g/%61', 'denied', [], 'ok.test:8443'],
    ['GET /g//b', 'denied', [], 'ok.test:8443'],
    ['GET /q?s=open', 'strict', v],
    ['GET /q?%73=trial', 'strict', v],
    ['GET /q?s=open', 'denied'],
    ['GET /q', 'denied', v],
    ['GET /q?s=open&s=open', 'denied', v],
    ['GET /q?s=open;x=1', 'denied', v],
    ['GET /q?s=open', 'denied', ['x-v: 1', 'x-v: 1']],
    ['GET /q?s=open', 'denied', ['x-v: 1', 'connection: x-v']],
  ];
  for (const [line, hook, headers, authority] of rows)
    t.equal(await judged(hooks, line, headers, authority), hook, `${line} ${headers?.join() ?? ''} ${authority ?? ''}`);
});

t.test('a host has one form, and an invalid one is refused', async (t) => {
  t.strictSame([...hookedHosts([hookOf({ host: '127.1' }), hookOf({ host: '0:0::1' })])], ['127.0.0.1', '::1']);
  t.throws(() => hookedHosts([hookOf({ host: 'a..b' })]), { code: 'network.policy', message: /hooks\.reads\.host/ });
});

t.test('without its secret no command starts', async (t) => {
  const inject = [{ name: 'x-t', prefix: '', from: { variable: 'NONE' } }];
  await t.rejects(createCommandHooks([hookOf({ inject })], {}), { code: 'network.policy' });
});
