/** What the check makes of a command's answers; doctor-sandbox.test.ts has real commands. */
import net from 'node:net';
import t from 'tap';
import type { CommandPath, ProbeCommand } from '../../../server/doctor/findings/command-path.js';
import { askWithoutProxy } from '../../../server/doctor/findings/transparent-lane.js';

/** `output` gets what the check's server says. */
async function outcome(output: (token: string) => object | string): Promise<string | null> {
  const commandPath: CommandPath = {
    status: () => Promise.reject(new Error('not asked')),
    close: async () => {},
    async run({ argv, policy }: ProbeCommand) {
      t.match(policy, { transparentTcp: true, domains: [{ pattern: 'localhost' }] });
      const port = Number(argv.at(-4));
      const token = await new Promise<string>((resolve) =>
        net.connect(port, '127.0.0.1').on('data', (piece) => resolve(piece.toString())),
      );
      const said = output(token);
      return { exitCode: 0, timedOut: false, output: typeof said === 'string' ? said : JSON.stringify(said) };
    },
  };
  return askWithoutProxy(commandPath, '/');
}

t.test('allowed reached, denied reset, and nothing past the policy', async (t) => {
  const good = { denied: 'error ECONNRESET', direct: 'error ECONNREFUSED' };
  t.equal(await outcome((token) => ({ ...good, allowed: token })), null);
  t.match(await outcome(() => ({ ...good, allowed: 'error ECONNRESET' })), /did not reach .*: error ECONNRESET/);
  t.match(await outcome((token) => ({ ...good, allowed: token, denied: '' })), /was not reset: nothing/);
  t.match(await outcome(() => 'Error: the name server is silent\n'), /exit code 0, it said: Error: the name server/);
  await t.rejects(
    outcome((token) => ({ ...good, allowed: token, direct: token })),
    { code: 'doctor.not-confined' },
  );
});
