/**
 * What the service manager that started this process is told (sd_notify(3)): that it is ready, that it ends, and, where
 * it asks for that, that it lives.
 *
 * Node opens no datagram sockets of this kind, so a program of the system sends each message: systemd's own
 * `systemd-notify`, or perl. The manager has to take messages of children (`NotifyAccess=all`).
 * Rule: the address is this process's alone. It leaves the environment before anything is started that could say a
 * thing in its name.
 */
import { startProgram } from './start-program.js';
import { LAUNCH_ENVIRONMENT, systemProgramIfAny, type TrustedProgram } from './system-program.js';

export interface ServiceManager {
  /** What a person reads in `systemctl status`. */
  ready(status: string): void;
  stopping(status: string): void;
  close(): void;
}

type FindProgram = (name: 'systemd-notify' | 'perl') => TrustedProgram | null;
type Environment = Record<string, string | undefined>;

/**
 * Null: nobody wants to be told. Takes NOTIFY_SOCKET and WATCHDOG_* out of `env`. `trouble` is told, once, when
 * messages cannot be sent. `find`: for the tests, what the system has.
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
      // Half of it, as sd_watchdog_enabled(3) says. A loop that hangs does not get here.
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

/** A leading `@` stands for the NUL of an abstract address (unix(7)). */
const SEND =
  'use Socket; my $to = $ENV{NOTIFY_SOCKET}; $to =~ s/^@/\\0/;' +
  'socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or exit 1;' +
  'send($s, $ARGV[0], 0, pack_sockaddr_un($to)) or exit 1;';
