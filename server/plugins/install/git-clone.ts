/**
 * Clones a Git repository that a person asked for.
 *
 * Threat: a repository or its address runs a program (hooks, filters, submodules, `ext::`, an option in place of a
 * name), asks at a terminal, or never ends. Rule: the address and the ref were checked (marketplace-source.ts) and
 * stand behind `--`. Git comes from the system's folders. No hook of a template or of the clone runs, nothing is
 * asked, submodules and large files stay out, and after two minutes all of it is ended. Scope: marketplace/add,
 * marketplace/upgrade, plugin/install. Non-scope: the person's own Git configuration, which counts, as for every
 * other clone of theirs.
 */
import path from 'node:path';
import { invalidRequest, internalError } from '../../errors/rpc-error.js';
import { runHelper } from '../../system/programs/start-program.js';
import { LAUNCH_ENVIRONMENT, systemProgram, SystemProgramError } from '../../system/programs/system-program.js';

export interface CloneWish {
  readonly url: string;
  /** A branch, a tag or a commit; null: what the repository has for itself. */
  readonly ref: string | null;
  /** Only these folders; empty: all. */
  readonly sparsePaths: readonly string[];
}

const TIMEOUT_MS = 120_000;
/** In characters, of what Git says. */
const MAX_SAID = 2_000;

/** `folder` must not exist. Throws RpcError with what Git said. */
export async function cloneInto(folder: string, { url, ref, sparsePaths }: CloneWish): Promise<void> {
  if (url.startsWith('-') || ref?.startsWith('-') === true) throw invalidRequest(`\`${url}\` is no address of Git`);
  const { root } = path.parse(folder);
  await git(
    ['-C', root, 'clone', '--quiet', '--no-checkout', '--template=', '--', url, folder],
    `git clone ${url} failed`,
  );
  const inFolder = ['-C', folder];
  if (sparsePaths.length > 0)
    await git([...inFolder, 'sparse-checkout', 'set', '--no-cone', '--', ...sparsePaths], 'git sparse-checkout failed');
  const where = ref === null ? ['HEAD'] : [ref];
  await git([...inFolder, 'checkout', '--quiet', ...where, '--'], `git checkout ${ref ?? 'HEAD'} failed`);
}

async function git(args: readonly string[], what: string): Promise<void> {
  const { code, stderr } = await run(args);
  if (code === 0) return;
  const said = stderr.trim().slice(-MAX_SAID);
  throw internalError(
    `${what} with ${code === null ? `no end within ${TIMEOUT_MS / 1000} s` : `status ${code}`}: ${said}`,
  );
}

/** Read before everything that the repository could say. */
const SETTINGS = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.symlinks=false',
  'protocol.allow=never',
  'protocol.https.allow=always',
  'protocol.http.allow=always',
  'protocol.ssh.allow=always',
  'protocol.file.allow=always',
  'submodule.recurse=false',
  'filter.lfs.smudge=',
  'filter.lfs.process=',
  'filter.lfs.required=false',
  'gc.auto=0',
  'maintenance.auto=false',
].flatMap((setting) => ['-c', setting]);

/** Of the person: where Git finds its settings, its keys and the way out. */
const KEPT = ['HOME', 'XDG_CONFIG_HOME', 'SSH_AUTH_SOCK', 'USER', 'USERPROFILE', 'APPDATA', 'SYSTEMROOT'] as const;
const KEPT_PROXIES = [
  'http_proxy',
  'https_proxy',
  'HTTPS_PROXY',
  'all_proxy',
  'ALL_PROXY',
  'no_proxy',
  'NO_PROXY',
] as const;

async function run(args: readonly string[]) {
  let program: string;
  try {
    program = systemProgram('git');
  } catch (error) {
    if (error instanceof SystemProgramError) throw internalError(`marketplaces of Git need git: ${error.message}`);
    throw error;
  }
  const env: Record<string, string> = { ...LAUNCH_ENVIRONMENT };
  for (const name of [...KEPT, ...KEPT_PROXIES]) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  const quiet = {
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'true',
    SSH_ASKPASS: 'true',
    GIT_SSH_COMMAND: 'ssh -oBatchMode=yes',
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_OPTIONAL_LOCKS: '0',
  };
  return runHelper([program, ...SETTINGS, ...args], {
    env: { ...env, ...quiet },
    timeoutMs: TIMEOUT_MS,
    onStart: () => undefined,
  });
}
