import os from 'node:os';
import path from 'node:path';
import t from 'tap';
import { CANARY_SCRIPT, type Act } from '../../../server/sandbox/macos/canary-script.js';
import { nodeTextCommand } from '../../../server/package/own-node.js';
import { runProgram } from '../../../server/system/programs/start-program.js';
import { namedProgram } from '../../../server/system/programs/system-program.js';

t.test('it tells what came of each act, and tries the next', async (t) => {
  const folder = t.testdir({ file: 'x' });
  const at = (name: string): string => path.join(folder, name);
  const acts: readonly Act[] = [
    { does: 'read', with: [at('file')] },
    { does: 'read', with: [at('missing')] },
    { does: 'create', with: [at('file')] },
    { does: 'run', with: [at('file')] },
    { does: 'tcp', with: ['127.0.0.1', 1] },
    { does: 'unix', with: [path.join(os.tmpdir(), 'no-such-socket')] }, // short: a socket's path has a limit
    { does: 'udp', with: ['127.0.0.1', 9] },
    { does: 'listen', with: ['127.0.0.1'] },
  ];
  const [file, ...args] = nodeTextCommand(CANARY_SCRIPT, [JSON.stringify(acts)]);
  const { error, stdout } = await runProgram(namedProgram(file, 'the test'), args, 30_000);
  t.equal(error, null);
  t.strictSame(JSON.parse(stdout), ['done', 'ENOENT', 'EEXIST', 'EACCES', 'ECONNREFUSED', 'ENOENT', 'done', 'done']);
});
