import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { connectStdio, type Client } from '../clients/typescript/index.js';
import { packageRoot } from '../server/package/package-root.js';
import { fetchReference } from './reference.js';

/** One of the two compared programs. */
export interface Target {
  readonly name: 'codexd' | 'reference';
  readonly command: string;
  readonly args: readonly string[];
  /** Folders at the beginning of its PATH. */
  readonly path: readonly string[];
}

export interface Bench {
  readonly codexd: Target;
  readonly reference: Target;
}

export async function findTargets(): Promise<Bench> {
  const { program, bwrapFolder } = fetchReference();
  return {
    codexd: {
      name: 'codexd',
      command: process.execPath,
      args: [path.join(packageRoot(), 'bin', 'codexd.cjs'), 'app-server'],
      path: [],
    },
    reference: { name: 'reference', command: program, args: ['app-server'], path: [bwrapFolder] },
  };
}

/** A configuration for both programs. It connects to no outside server. */
export type Configuration = 'plain' | 'proxied';

/** The scratch folders of a program: a home with a configuration, and a working folder. */
export interface Place {
  readonly work: string;
  readonly env: NodeJS.ProcessEnv;
  remove(): void;
}

/**
 * Creates the folders. They are not below the temporary folder: the reference creates no helper links when its home is
 * there, and its sandbox needs these links.
 */
export function makePlace(target: Target, configuration: Configuration): Place {
  const base = process.env['CODEXD_BENCH_HOME'] ?? '/var/tmp';
  const root = realpathSync(mkdtempSync(path.join(base, 'codexd-bench-')));
  const [home, work, userHome] = ['home', 'work', 'user'].map((name) => path.join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [home, work, userHome]) mkdirSync(folder);
  writeFileSync(path.join(home, 'config.toml'), CONFIGURATIONS[configuration]);
  return {
    work,
    env: {
      PATH: [...target.path, process.env['PATH'] ?? '/usr/bin:/bin'].join(':'),
      HOME: userHome,
      LANG: 'C.UTF-8',
      CODEX_HOME: home,
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Sets the URL of the configured provider to this model. Call it before the program starts. */
export function useModel(place: Place, url: string): void {
  const file = path.join(homeOf(place), 'config.toml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('http://127.0.0.1:9/v1', url));
}

/** Denies these paths in the profile of the configuration `proxied`. Call it before the program starts. */
export function denyPaths(place: Place, denied: readonly string[]): void {
  const file = path.join(homeOf(place), 'config.toml');
  const root = '":root" = "read"\n';
  const entries = denied.map((folder) => `${JSON.stringify(folder)} = "deny"\n`).join('');
  writeFileSync(file, readFileSync(file, 'utf8').replace(root, root + entries));
}

export function homeOf({ env }: Place): string {
  const home = env['CODEX_HOME'];
  if (home === undefined) throw new Error('a place without CODEX_HOME');
  return home;
}

/** Removes all files of a program except the configuration and the rollouts. */
export function forgetIndexes(home: string): void {
  for (const name of readdirSync(home))
    if (name !== 'config.toml' && name !== 'sessions') rmSync(path.join(home, name), { recursive: true, force: true });
}

/** Starts the program over stdio in its own scratch folders. */
export async function start(target: Target, place: Place): Promise<Client> {
  return connectStdio({
    command: target.command,
    args: target.args,
    cwd: place.work,
    env: place.env,
    connectTimeoutMs: 60_000,
    requestTimeoutMs: 120_000,
    capabilities: { experimentalApi: true },
  });
}

/** A running program and its folders. `close` removes both. */
export async function startAt(
  target: Target,
  configuration: Configuration,
): Promise<{ client: Client; close(): Promise<void> }> {
  const place = makePlace(target, configuration);
  try {
    const client = await start(target, place);
    return {
      client,
      close: async () => {
        await client.close();
        place.remove();
      },
    };
  } catch (error) {
    place.remove();
    throw error;
  }
}

/** Features that would connect to other servers are off, or point to a port without a listener. */
const OFFLINE = `
model = "none"
model_provider = "none"
approval_policy = "never"
check_for_update_on_startup = false
chatgpt_base_url = "http://127.0.0.1:9/"
SANDBOX
[analytics]
enabled = false
[feedback]
enabled = false
[model_providers.none]
name = "None"
base_url = "http://127.0.0.1:9/v1"
wire_api = "responses"
requires_openai_auth = false
supports_websockets = false
[features]
plugins = false
`;

const CONFIGURATIONS: Record<Configuration, string> = {
  plain: OFFLINE.replace('SANDBOX', 'sandbox_mode = "read-only"'),
  // The rules list `127.0.0.1`, so it is allowed although local addresses are not (docs/protocol/network.md §3).
  proxied: `${OFFLINE.replace('SANDBOX', 'default_permissions = "bench"')}network_proxy = true
[permissions.bench.filesystem]
":root" = "read"
":workspace_roots" = "write"
[permissions.bench.network]
enabled = true
[permissions.bench.network.domains]
"127.0.0.1" = "allow"
`,
};
