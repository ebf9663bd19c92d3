/** The server of a session. */
import t from 'tap';
import { connectServer } from '../../../server/cli/exec/connect-server.js';
import type { ParsedCommand } from '../../../server/cli/options/command-spec.js';
import { scratch } from '../../fixtures/program.js';

t.setTimeout(60_000);
const CLIENT = { clientInfo: { name: 'test', title: null, version: '1' }, capabilities: { experimentalApi: true } };
const parsed = { recordTo: null } as ParsedCommand;

t.test('an own server has the origin and the flags; a start that fails is one error', async (t) => {
  const { home, work } = scratch(t, '');
  process.env.CODEX_HOME = home;
  const said: string[] = [];
  const wanted = { client: CLIENT, source: 'cli', reconnects: false } as const;
  const connect = (...serverFlags: string[]) =>
    connectServer({ remote: null, cwd: work, serverFlags }, parsed, wanted, (line) => said.push(line));
  const client = await connect('--config', 'model="from-flags"');
  const { thread, model } = await client.request('thread/start', { ephemeral: true });
  t.match({ source: thread.source, model }, { source: 'cli', model: 'from-flags' });
  await client.close();
  await t.rejects(connect('--strict-config', '--config', 'no_such_key=1'), { message: /Error: .*no_such_key/ });
});
