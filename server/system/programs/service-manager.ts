/**
 * Notifies the service manager that started this process (sd_notify(3)): the daemon is ready, it ends, and, if the
 * manager has a watchdog, it is alive.
 *
 * Node cannot open datagram sockets of this kind, so a program of the system sends each message: `systemd-notify`, or
 * perl. The manager must accept messages of children (`NotifyAccess=all`).
 * Rule: only this process may use the address. It is removed from the environment before another program starts,
 * because that program could send messages as the daemon.
 */
import { startProgram } from './start-program.js';
import { LAUNCH_ENVIRONMENT, systemProgramIfAny, type TrustedProgram } from './system-program.js';

export interface ServiceManager {
  /** `status`: the text in `systemctl status`. */
  ready(status: string): void;
  stopping(status: string): void;
  close(): void;
}

type FindProgram = (name: 'systemd-notify' | 'perl') => TrustedProgram | null;
type Environment = Record<string, string | undefined>;

/**
 * Null: no service manager wants messages. Removes NOTIFY_SOCKET and WATCHDOG_* from `env`. `trouble` is called once if
 * messages cannot be sent. `find`: finds programs of the system; for tests.
 */
export function serviceManager(
  env: Environment,
  trouble: (message: string) => void,
  find: FindProgram = systemProgramIfAny,
): ServiceManager | null {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: interval, WATCHDOG_PID: watched } = env;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name];
  if (socket === undefined || !/^[/@]./.test(socket)) return null;
  const send = createSender(socket, trouble, find);
  let ping: NodeJS.Timeout | undefined;
  const watchdogMs = Number(interval) / 1000;
  const forUs = watched === undefined || Number(watched) === process.pid;
  return {
    ready(status) {
      send([`READY=1`, `STATUS=${status}`, `MAINPID=${process.pid}`]);
      if (!(watchdogMs > 0) || !forUs) return;
      // Half of the interval, as sd_watchdog_enabled(3) says. A blocked event loop sends no message.
      ping = setInterval(() => send(['WATCHDOG=1']), watchdogMs / 2);
      ping.unref();
    },
    stopping(status) {
      clearInterval(ping);
      send(['STOPPING=1', `STATUS=${status}`]);
    },
    close: () => clearInterval(ping),
  };
}

function createSender(
  socket: string,
  trouble: (message: string) => void,
  find: FindProgram,
): (lines: readonly string[]) => void {
  const sender = findSender(find);
  let told = false;
  const fail = (why: string): void => {
    if (!told) trouble(`the service manager cannot be told anything: ${why}`);
    told = true;
  };
  return (lines) => {
    if (sender === null) return fail('there is neither systemd-notify nor perl; use Type=exec in the unit');
    const [program, args] = sender(lines.map((line) => line.replaceAll('\n', ' ')));
    const child = startProgram(program, args, {
      env: { ...LAUNCH_ENVIRONMENT, NOTIFY_SOCKET: socket },
      stdio: 'ignore',
    });
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => (code === 0 ? undefined : fail(`${program} ended with ${code}`)));
    child.unref();
  };
}

type Sender = (lines: readonly string[]) => readonly [TrustedProgram, readonly string[]];

function findSender(find: FindProgram): Sender | null {
  const notify = find('systemd-notify');
  if (notify !== null) return (lines) => [notify, ['--no-block', ...lines]];
  const perl = find('perl');
  return perl === null ? null : (lines) => [perl, ['-e', SEND, lines.join('\n')]];
}

/** A leading `@` means the NUL byte of an abstract address (unix(7)). */
const SEND =
  'use Socket; my $to = $ENV{NOTIFY_SOCKET}; $to =~ s/^@/\\0/;' +
  'socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or exit 1;' +
  'send($s, $ARGV[0], 0, pack_sockaddr_un($to)) or exit 1;';
