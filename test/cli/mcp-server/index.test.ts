import t from 'tap';
import * as entry from '../../../server/cli/mcp-server/index.js';

t.test('the bundle has the command', async (t) => {
  t.type(entry.runMcpServer, 'function');
});
