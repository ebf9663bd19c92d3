import t from 'tap';
import { createConfigService } from '../../../server/config/settings/config-service.js';
import type { CommandSpec } from '../../../server/exec/start/command.js';
import type { Supervisor } from '../../../server/exec/supervisor.js';
import type { Caller } from '../../../server/rpc/connection/caller.js';
import { gitIn } from '../../../server/services/git/run-git.js';

t.test(
  'git runs without a network, without rights to write, and without what the environment says to it',
  async (t) => {
    const specs: CommandSpec[] = [];
    const supervisor = {
      start: (spec: CommandSpec) => {
        specs.push(spec);
        void spec.stdout.push(Buffer.from('out'));
        return Promise.resolve({
          ended: Promise.resolve({ exitCode: 1, cause: specs.length > 1 ? 'timeout' : 'exit' }),
        });
      },
    } as unknown as Supervisor;
    const caller = { connectionId: 1, closed: new AbortController().signal } as Caller;
    const env = { PATH: '/bin', GIT_DIR: '/elsewhere', GIT_EXTERNAL_DIFF: 'x' };
    const source = createConfigService({ codexHome: t.testdir(), env: { CODEXD_SYSTEM_CONFIG_DIR: t.testdir() } });
    const context = { requestId: 1, afterAnswer: () => undefined };
    const git = gitIn({ supervisor: () => Promise.resolve(supervisor), source, env }, '/work', caller, context);
    t.strictSame(await git(['status']), { exitCode: 1, output: 'out' });
    const [spec] = specs;
    t.match(spec?.permissions, { network: { kind: 'offline' }, profile: { networkEnabled: false } });
    t.match(spec?.env, { PATH: '/bin', GIT_OPTIONAL_LOCKS: '0', GIT_NO_LAZY_FETCH: '1' });
    t.same([spec?.env.GIT_DIR, spec?.env.GIT_EXTERNAL_DIFF], [undefined, undefined]);
    t.equal(spec?.argv.at(-1), 'status');
    t.strictSame(await git(['a'], 'script'), { exitCode: -1, output: 'out' }, 'an end by the time limit is no exit');
    t.strictSame(specs[1]?.argv, ['sh', '-c', 'script', 'sh', 'a']);
  },
);
