/** `npm run mcp-denials` does a hundred rounds. */
import t from 'tap';
import { denialRounds } from './mcp/denial-rounds.js';

t.setTimeout(300_000);

t.test('of eight threads with four calls each, exactly those whose request is denied fail', async (t) => {
  const report = await denialRounds(t, t.testdir(), { rounds: 4 });
  t.match(report, { rounds: 4, calls: 128, denied: 64, servers: 8 });
});
