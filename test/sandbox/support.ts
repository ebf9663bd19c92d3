/** A Codex home, a workspace and a folder outside of it, with a real sandbox. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type {
  FilesystemAccess,
  FilesystemEntry,
  PermissionProfile,
} from '../../server/config/permissions/permission-profile.js';
import { silentLogger } from '../../server/log/log.js';
import { createSandbox, type SandboxOptions } from '../../server/sandbox/create-sandbox.js';
import type { Sandbox, SandboxedCommand, SandboxRequest } from '../../server/sandbox/policy/sandbox.js';

export { READ_ONLY, WORKSPACE_WRITE, DANGER_FULL_ACCESS } from '../../server/config/permissions/permission-profile.js';

export interface Place {
  readonly root: string;
  readonly home: string;
  readonly work: string;
  readonly outside: string;
  readonly tmp: string;
  readonly sandbox: Sandbox;
  wrap(command: string | readonly string[], options?: Partial<SandboxRequest>): Promise<SandboxedCommand>;
  /** Runs a shell line or an argv in the sandbox until its end. */
  run(command: string | readonly string[], options?: RunOptions): Promise<Ended>;
  write(file: string, text?: string): string;
  folder(name: string): string;
}

export type RunOptions = Partial<SandboxRequest> & { readonly enter?: readonly string[]; readonly input?: string };

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Not below /tmp, which `:workspace` makes writable. */
const BASE = '/var/tmp';

export function makePlace(onEnd: (f: () => void) => void, options: Partial<SandboxOptions> = {}): Place {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(BASE, 'codexd-test-')));
  onEnd(() => fs.rmSync(root, { recursive: true, force: true, maxRetries: 3 }));
  const at = (name: string): string => path.join(root, name);
  for (const name of ['home', 'work', 'outside', 'tmp']) fs.mkdirSync(at(name));
  const [home, work, tmp] = [at('home'), at('work'), at('tmp')];
  const sandbox = createSandbox({ codexHome: home, log: silentLogger, ...options });
  const wrap: Place['wrap'] = (command, overrides = {}) =>
    sandbox.wrap({
      argv: typeof command === 'string' ? ['sh', '-c', command] : command,
      cwd: work,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', HOME: root, TMPDIR: tmp, LC_ALL: 'C' },
      profile: profile({ ':root': 'read' }),
      workspaceRoots: [work],
      network: 'offline',
      terminal: false,
      passesDescriptors: true,
      ...overrides,
    });
  return {
    root,
    home,
    work,
    outside: at('outside'),
    tmp,
    sandbox,
    wrap,
    async run(command, { enter = [], input, ...overrides } = {}) {
      const wrapped = await wrap(command, overrides);
      try {
        const argv = [...enter, wrapped.file, ...wrapped.args];
        return await execute(argv, wrapped.env, overrides.cwd ?? work, { input, passOn: wrapped.passOn });
      } finally {
        wrapped.release();
      }
    },
    write(file, text = '') {
      const full = path.resolve(work, file);
      fs.mkdirSync(path.dirname(full), { recursive: true });
      fs.writeFileSync(full, text);
      return full;
    },
    folder(name) {
      const full = path.resolve(work, name);
      fs.mkdirSync(full, { recursive: true });
      return full;
    },
  };
}

/** A test that hangs shows no cause; a process that is killed does. */
const RUN_TIMEOUT_MS = 30_000;

export function execute(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
  { input, passOn }: { input?: string | undefined; passOn?: SandboxedCommand['passOn'] } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const [file = '', ...args] = argv;
    const descriptors = passOn?.open() ?? [];
    const child = spawn(file, args, {
      cwd,
      env: { ...env },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', ...descriptors],
      timeout: RUN_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    for (const descriptor of descriptors) fs.closeSync(descriptor);
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr?.on('data', (data: Buffer) => (stderr += data.toString()));
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

type Words = Readonly<Record<string, FilesystemAccess>>;

/** A profile in the syntax of config.toml; `ws/NAME` is below every workspace root, `ws` is the root itself. */
export function profile(
  words: Words,
  more: { globs?: readonly string[]; globScanMaxDepth?: number } = {},
): PermissionProfile {
  const entries = Object.entries(words).map(([word, access]): FilesystemEntry => ({ target: targetOf(word), access }));
  const globs = (more.globs ?? []).map((pattern): FilesystemEntry => ({
    target: { kind: 'glob', base: null, pattern },
    access: 'deny',
  }));
  return {
    id: 'test',
    extends: null,
    filesystem: {
      kind: 'restricted',
      entries: [...entries, ...globs],
      globScanMaxDepth: more.globScanMaxDepth ?? null,
    },
    networkEnabled: false,
    enforcement: 'ours',
  };
}

function targetOf(word: string): FilesystemEntry['target'] {
  if (word === ':root') return { kind: 'root' };
  if (word === ':minimal') return { kind: 'minimal' };
  if (word === ':tmpdir') return { kind: 'tmpdir' };
  if (word === ':slash_tmp') return { kind: 'slashTmp' };
  if (word === 'ws') return { kind: 'workspaceRoots', subpath: '' };
  if (word.startsWith('ws/')) return { kind: 'workspaceRoots', subpath: word.slice(3) };
  return { kind: 'path', path: word };
}

/** Everything readable, the workspace writable, plus the given entries. */
export const workspace = (words: Words = {}, more: Parameters<typeof profile>[1] = {}): PermissionProfile =>
  profile({ ':root': 'read', ws: 'write', ...words }, more);

/** false when commands can be sandboxed here, otherwise the reason for skipping a test. */
export async function skipReason(): Promise<string | false> {
  if (process.platform !== 'linux')
    return `NOT TESTED: sandboxes are enforced on Linux only, this is ${process.platform}`;
  const ends: (() => void)[] = [];
  const status = await makePlace((f) => ends.push(f)).sandbox.status();
  ends.forEach((f) => f());
  return status.available ? false : `NOT TESTED: ${status.reason}; ${status.fix}`;
}

/** Names of a folder, sorted. */
export const names = (folder: string): readonly string[] => fs.readdirSync(folder).sort();

/** Pids of processes with the text in their command line. */
export function processesWith(text: string): readonly number[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return pid !== process.pid && fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(text);
      } catch {
        return false;
      }
    });
}

/** Runs shell lines in one sandbox and reports which succeeded. Each runs in a subshell, silently. */
export async function tries(
  place: Place,
  lines: readonly string[],
  options: RunOptions,
): Promise<Readonly<Record<string, 'done' | 'refused'>>> {
  const script = lines.map(
    (line, i) => `if ( ${line} ) >/dev/null 2>&1; then echo ${i} done; else echo ${i} refused; fi`,
  );
  const { stdout, stderr, code } = await place.run(script.join('\n'), options);
  const results = stdout.trim().split('\n');
  if (code !== 0 || results.length !== lines.length)
    throw new Error(`the script ended with ${code}: ${stdout}${stderr}`);
  return Object.fromEntries(
    results.map((line) => {
      const [index, result] = line.split(' ');
      return [lines[Number(index)], result as 'done' | 'refused'];
    }),
  );
}
