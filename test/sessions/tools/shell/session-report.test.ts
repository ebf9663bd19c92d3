/** The text that the model receives of a command, while it runs and at its end. */
import t from 'tap';
import type { CommandEnd } from '../../../../server/exec/start/command.js';
import type { ModelInfo } from '../../../../server/sessions/model/model-info.js';
import { createModelInfo } from '../../../../server/sessions/model/model-info.js';
import type { ExecSession } from '../../../../server/sessions/runtime/exec-sessions.js';
import { outputBudget, report } from '../../../../server/sessions/tools/shell/session-report.js';
import { stateOf } from '../../live/support.js';

const BUDGET = { unit: 'bytes', amount: 1000 } as const;
const EXIT: CommandEnd = { cause: 'exit', exitCode: 3, denial: null, drainTimedOut: false };

/** A session with this output. */
const session = (text: string, end: CommandEnd | null): ExecSession => ({
  id: 7,
  tty: false,
  itemId: 'c1',
  script: 'true',
  turnId: 't1',
  end,
  elapsedMs: 1234,
  wait: async () => {},
  take: () => ({ text, bytes: Buffer.byteLength(text) }),
  write: async () => {},
  terminate: () => {},
});

t.test('a command that runs has a session, one that ended an exit code', async (t) => {
  t.match(
    report(session('so far', null), BUDGET, 'exec_command'),
    /^Chunk ID: [0-9a-f]{6}\nWall time: 1\.2340 seconds\nProcess running with session ID 7\n.*\nOutput:\nso far$/,
  );
  t.match(report(session('', EXIT), BUDGET, 'exec_command'), /\nProcess exited with code 3\n.*\nOutput:\n$/);
});

t.test('a denial comes after the output, which is shortened as every output', async (t) => {
  const message = 'the host is not allowed';
  const denial = { message } as CommandEnd['denial'];
  const denied: CommandEnd = { cause: 'denial', exitCode: -1, denial, drainTimedOut: false };
  t.equal(report(session('', denied), BUDGET, 'write_stdin'), `write_stdin failed: ${message}`);
  t.equal(
    report(session('got here', denied), BUDGET, 'exec_command'),
    `exec_command failed: ${message}\nOutput before it was ended:\ngot here`,
  );
  t.match(report(session('x'.repeat(5000), denied), BUDGET, 'exec_command'), /4000 chars truncated/);
});

t.test('the budget: the configured one, else the model’s, else the usual one', async (t) => {
  const state = stateOf('/project');
  const infoOf = createModelInfo((message) => t.fail(message));
  const own = (): ModelInfo => ({ ...infoOf(state), outputBudget: { unit: 'tokens', amount: 5 } });
  const limited = (limit: number | bigint) => ({ ...state, table: { tool_output_token_limit: limit } });
  t.strictSame(outputBudget(limited(100), own), { unit: 'tokens', amount: 100 });
  t.strictSame(outputBudget(limited(200n), own), { unit: 'tokens', amount: 200 });
  t.strictSame(outputBudget(state, own), { unit: 'tokens', amount: 5 });
  t.strictSame(outputBudget(state, infoOf), { unit: 'bytes', amount: 10_000 });
});
