/** The rules files of the moment count, also for a command that runs. */
import t from 'tap';
import { NO_RULES } from '../../server/config/rules/rule-set.js';
import { portsOf, register, startService } from './support/service.js';
import { converse, startUpstream } from './support/wire.js';

const get = (url: string): string => `GET ${url} HTTP/1.1\r\nConnection: close\r\n\r\n`;
t.test('rules files also count for running commands', async (t) => {
  const upstream = await startUpstream();
  t.teardown(() => upstream.close());
  let rules = NO_RULES;
  const { service, decisions } = startService(t, { ruleFiles: () => rules });
  const registration = await register(service);
  const { http } = portsOf(registration);
  const status = async (host: string): Promise<string> =>
    (await converse(http, get(`http://${host}:${upstream.port}/`))).split('\r\n')[0] ?? '';
  t.match(await status('ok.test'), '200');
  t.match(await status('more.test'), '403');
  const place = { path: 'x.rules', line: 1, justification: null };
  rules = {
    ...NO_RULES,
    revision: 'one',
    networkRules: [
      { ...place, pattern: 'ok.test', protocol: null, decision: 'deny' },
      { ...place, pattern: 'more.test', protocol: 'http', decision: 'allow' },
    ],
  };
  t.match(await status('ok.test'), '403');
  t.match(await status('more.test'), '200');
  t.match(decisions.list().at(-2), { verdict: 'deny', reason: 'denied', rule: 'ok.test' });
  rules = NO_RULES;
  t.match(await status('ok.test'), '200');
  registration.finish({ treeGone: true });
});
