/** Checks whether commands can be sandboxed: checks bubblewrap, and runs real commands on the path of every command. */
import { messageOf } from '../../errors/message-of.js';
import { isCode, CodexdError } from '../../errors/codexd-error.js';
import { randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { READ_ONLY } from '../../config/permissions/permission-profile.js';
import { nodeTextCommand } from '../../package/own-node.js';
import { paths } from '../../system/files/paths.js';
import { makePrivateFolder, socketsFolder, temporaryFolder } from '../../system/files/scratch.js';
import type { DoctorContext } from '../findings/context.js';
import { fail, ok, skipped, warn, type Finding } from '../findings/finding.js';
import { COMMAND_LIMIT_MS, openCommandPath, type CommandPath, type ProbeResult } from '../findings/command-path.js';
import type { Check } from '../findings/run-checks.js';
import { askWithoutProxy } from '../findings/transparent-lane.js';
import { checkWindowsSandbox } from './windows-sandbox.js';
import {
  ASK_THROUGH_LANE,
  DENIED_HOST,
  LOOPBACK_ONLY,
  NETWORK_ONLY,
  ON_A_TERMINAL,
  REACHED,
  TRY_TO_WRITE,
  WORKSPACE_ONLY,
  WRITE_INSIDE,
  type LaneAnswer,
} from '../findings/sandbox-scripts.js';

export const sandboxCheck: Check = {
  id: 'sandbox',
  title: 'Sandbox',
  limitMs: 60_000,
  async run(context, signal) {
    if (paths.windows) return checkWindowsSandbox(context);
    const places = makePlaces(context);
    const commandPath = openCommandPath(places.home, signal);
    try {
      const status = await commandPath.status();
      if (!status.available) {
        return [
          fail('sandbox.bubblewrap', `commands cannot be sandboxed, so they are refused: ${status.reason}`, status.fix),
          ...RUNS.map(({ id, title }) => skipped(id, `${title}: not tried`, 'there is no sandbox')),
        ];
      }
      if (status.kind !== 'bubblewrap') {
        return [
          ok(
            `sandbox.${status.kind}`,
            `the sandbox of this system: ${status.version}`,
            ...(status.kind === 'seatbelt' ? [`these walls hold: ${status.walls.join(', ')}`] : []),
          ),
          ...RUNS.map(({ id, title }) => skipped(id, `${title}: not tried`, 'its script is for Linux')),
        ];
      }
      const { uid } = fs.statSync(status.program);
      const owner = uid === 0 ? 'root' : `user ${uid}`;
      const note = context.env.CODEXD_BWRAP ? ', named by CODEXD_BWRAP' : '';
      const found = [
        ok('sandbox.bubblewrap', `bubblewrap ${status.version}`, `${status.program}, which belongs to ${owner}${note}`),
      ];
      // One after the other: on a small machine, parallel commands would only wait for each other.
      for (const run of RUNS) found.push(signal.aborted ? unfinished(run) : await tried(run, commandPath, places));
      return found;
    } finally {
      await commandPath.close();
      places.remove();
    }
  },
};

interface Places {
  /** The folder where the sandbox keeps the files for bubblewrap. */
  readonly home: string;
  readonly inside: string;
  readonly outside: string;
  remove(): void;
}

/**
 * Two private folders beside each other, and the Codex home: the real one where it can be used, since its file system
 * matters. Otherwise a temporary home, so that the other checks still run.
 */
function makePlaces({ home }: DoctorContext): Places {
  const base = path.join(temporaryFolder(), `codexd-doctor-${randomUUID()}`);
  const [inside, outside] = ['inside', 'outside'].map((name) => path.join(base, name)) as [string, string];
  // eslint-disable-next-line codexd/private-files -- Windows has its own check
  fs.mkdirSync(base, { mode: 0o700 });
  let own: string | null = null;
  const remove = (): void => {
    for (const folder of [base, own]) if (folder !== null) fs.rmSync(folder, { recursive: true, force: true });
  };
  try {
    fs.mkdirSync(inside);
    fs.mkdirSync(outside);
    if (home.path !== null && home.state === 'folder' && isWritable(home.path)) {
      return { home: fs.realpathSync(home.path), inside, outside, remove };
    }
    own = path.join(socketsFolder(), `doctor-${randomUUID()}`);
    makePrivateFolder(own);
    return { home: own, inside, outside, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function isWritable(folder: string): boolean {
  try {
    fs.accessSync(folder, fs.constants.W_OK | fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

interface Run {
  readonly id: string;
  /** What a command does when it works. */
  readonly title: string;
  readonly fix: string;
  /** Its package is optional: everything else works without it. */
  readonly optional?: true;
  /** Returns the problem, or null. */
  attempt(commandPath: CommandPath, places: Places): Promise<string | null>;
}

const NOT_CONFINED =
  'do not use codexd here until this is understood: it is a fault of codexd, of bubblewrap or of the kernel; report it with `codexd doctor --json`';

const RUNS: readonly Run[] = [
  {
    id: 'sandbox.read-only',
    title: 'a command that may only read',
    fix: 'look at what bubblewrap said; `codexd sandbox -P :read-only -- true` runs the same',
    async attempt(commandPath, { inside, outside }) {
      const argv = ['/bin/sh', '-c', TRY_TO_WRITE, 'sh', outside];
      const result = await commandPath.run({ argv, cwd: inside, profile: READ_ONLY, workspace: [] });
      return troubleOf(result) ?? escapes(path.join(outside, 'read-only'));
    },
  },
  {
    id: 'sandbox.workspace',
    title: 'a command that may write its workspace, and nothing outside of it',
    fix: 'look at what the command said; `codexd sandbox -P :workspace -- sh -c "echo x > file"` runs the same',
    async attempt(commandPath, { inside, outside }) {
      const argv = ['/bin/sh', '-c', WRITE_INSIDE, 'sh', inside, outside];
      const result = await commandPath.run({ argv, cwd: inside, profile: WORKSPACE_ONLY, workspace: [inside] });
      const trouble = troubleOf(result) ?? escapes(path.join(outside, 'workspace'));
      if (trouble !== null) return trouble;
      return fs.existsSync(path.join(inside, 'written')) ? null : 'what it wrote into its workspace did not arrive';
    },
  },
  {
    id: 'sandbox.lane',
    title: 'a command whose network goes through the policy',
    fix: 'install util-linux (nsenter), and let this user make network namespaces; in a container: docs/security.md',
    attempt: askThroughLane,
  },
  {
    id: 'sandbox.transparent',
    optional: true,
    title: 'a command with `transparent_tcp`, whose program knows no proxy,',
    fix: 'do what it says; until then commands with `transparent_tcp` are refused, and all others run',
    attempt: (commandPath, { inside }) => askWithoutProxy(commandPath, inside),
  },
  {
    id: 'sandbox.terminal',
    optional: true,
    title: 'a command on a terminal',
    fix: 'install with optional dependencies (npm i -g --include=optional codexd), and util-linux (setsid)',
    async attempt(commandPath, { inside }) {
      const argv = ['/bin/sh', '-c', ON_A_TERMINAL];
      return troubleOf(await commandPath.run({ argv, cwd: inside, profile: READ_ONLY, workspace: [], terminal: true }));
    },
  },
];

const unfinished = ({ id, title }: Run): Finding => skipped(id, `${title}: not tried`, 'the time was over');

/** The command wrote where it must not. This check has its own code for it, because the remedy differs. */
const notConfined = (message: string): CodexdError => new CodexdError('doctor.not-confined', message);

async function tried(run: Run, commandPath: CommandPath, places: Places): Promise<Finding> {
  const { id, title } = run;
  const broken = run.optional ? warn : fail;
  try {
    const trouble = await run.attempt(commandPath, places);
    return trouble === null ? ok(id, `${title} runs`) : broken(id, `${title} does not run: ${trouble}`, run.fix);
  } catch (error) {
    if (isCode(error, 'doctor.not-confined'))
      return fail(id, `${title} is not confined: ${error.message}`, NOT_CONFINED);
    return broken(id, `${title} does not start: ${messageOf(error)}`, run.fix);
  }
}

function troubleOf({ exitCode, timedOut, output }: ProbeResult): string | null {
  if (timedOut) return `it did not end within ${COMMAND_LIMIT_MS / 1000} s`;
  const said = output.trim().split('\n').slice(-3).join(' / ');
  if (exitCode === 0 && output.includes(REACHED)) return null;
  return `exit code ${exitCode}, it said: ${said || 'nothing'}`;
}

/** Throws `doctor.not-confined` when the file exists. */
function escapes(file: string): null {
  if (fs.existsSync(file)) throw notConfined('it wrote a file that it may not write');
  return null;
}

/**
 * Uses an HTTP server of this check on loopback: it must be reachable through the proxy and not past it, and nothing
 * else may be reachable.
 */
async function askThroughLane(commandPath: CommandPath, { inside }: Places): Promise<string | null> {
  const token = randomBytes(16).toString('hex');
  const server = http.createServer((_request, response) => response.end(token));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    const { port } = server.address() as AddressInfo;
    const argv = nodeTextCommand(ASK_THROUGH_LANE, [String(port), DENIED_HOST]);
    const result = await commandPath.run({
      argv,
      cwd: inside,
      profile: NETWORK_ONLY,
      workspace: [],
      policy: LOOPBACK_ONLY,
    });
    const answer = laneAnswer(result);
    if (typeof answer === 'string') return answer;
    const { allowed, denied, direct, interfaces } = answer;
    if (direct.includes(token)) throw notConfined('it reached a server past the proxy');
    const others = interfaces.filter((name) => name !== 'lo');
    if (others.length > 0) throw notConfined(`it has network interfaces of its own: ${others.join(', ')}`);
    if (!allowed.includes(token)) return `it did not reach an allowed server through the proxy: ${firstLine(allowed)}`;
    if (/^HTTP\/1\.1 403/.test(denied)) return null;
    return `the proxy did not refuse a host that is not allowed: ${firstLine(denied)}`;
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function laneAnswer({ exitCode, timedOut, output }: ProbeResult): LaneAnswer | string {
  if (timedOut) return `it did not end within ${COMMAND_LIMIT_MS / 1000} s`;
  try {
    if (exitCode === 0) return JSON.parse(output) as LaneAnswer;
  } catch {
    // Another program also wrote to the output: the output shows the problem.
  }
  return `exit code ${exitCode}, it said: ${output.trim().split('\n').slice(-3).join(' / ') || 'nothing'}`;
}

const firstLine = (text: string): string => text.split(/\r?\n/, 1)[0] || 'nothing';
