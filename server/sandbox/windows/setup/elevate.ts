/**
 * Runs the set-up with an administrator's rights: Windows asks the person, and another process does the work.
 *
 * Threat: a process with more rights takes orders from one with fewer; another user reads or forges its report.
 * Rule: the process gets no environment of this one, only words of a command line, and does nothing that its own
 * command line would not do for the person. Its report comes through a pipe with a random name and decides nothing: the
 * caller reads the marker. A person who says no has a code of its own.
 * Scope: the start and the report. Non-scope: which programs of this user could ask in codexd's name.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../errors/message-of.js';
import { isObject } from '../../../system/node/objects.js';
import { commandLine } from '../../../system/windows/streams/command-line.js';
import {
  ERROR_CANCELLED,
  win32Elevation,
  type Win32Elevation,
} from '../../../system/windows/administration/win32-elevation.js';
import { win32 } from '../../../system/windows/win32.js';
import { Win32Error } from '../../../system/windows/win32-security.js';
import { SETUP_ERROR_CODES, type SetupFailure } from './setup-system.js';

const PIPE = '\\\\.\\pipe\\codexd-setup-';
/** Between two looks at the process, ms. */
const LOOK_MS = 100;
/** For a report that is on its way when the process has ended, ms. */
const REPORT_MS = 2000;
/** A report is small; more is somebody else's. */
const REPORT_BYTES = 64 * 1024;

/** The argument of the process that reports. */
export const isReportPipe = (name: string): boolean =>
  name.startsWith(PIPE) && /^[0-9a-f-]{36}$/.test(name.slice(PIPE.length));

/** What the process needs of Windows; tests replace it. */
export interface ElevationParts extends Win32Elevation {
  close(process: number): void;
}

/** Null: it reported success. `command` makes the command line of the process from the name of its pipe. */
export async function runElevated(
  command: (pipe: string) => readonly [file: string, ...args: string[]],
  parts: ElevationParts = { ...win32Elevation(), close: (process) => win32().closeHandle(process) },
): Promise<SetupFailure | null> {
  const pipe = `${PIPE}${randomUUID()}`;
  const [file, ...args] = command(pipe);
  const server = net.createServer();
  const reported = new Promise<SetupFailure | null>((resolve) =>
    server.on('connection', (socket) => listen(socket, resolve)),
  );
  try {
    server.listen(pipe);
    await once(server, 'listening');
    // The first word of a command line is the program.
    const started = parts.runAs(file, commandLine('-', args, false).slice(2));
    if (started instanceof Win32Error) return refused(started);
    const ended = untilEnd(started, parts).then((code): Promise<SetupFailure> => lost(code));
    return await Promise.race([reported, ended]);
  } catch (error) {
    return { code: 'elevation_failed', text: messageOf(error) };
  } finally {
    server.close();
  }
}

/** Sends the outcome to the process that waits for it. Throws what the pipe throws. */
export async function sendReport(pipe: string, failure: SetupFailure | null): Promise<void> {
  const socket = net.connect(pipe);
  await once(socket, 'connect');
  socket.end(JSON.stringify({ failure }));
  await once(socket.resume(), 'close');
}

const refused = (error: Win32Error): SetupFailure =>
  error.code === ERROR_CANCELLED
    ? { code: 'elevation_cancelled', text: "the question for an administrator's rights was answered with no" }
    : { code: 'elevation_failed', text: `the set-up cannot be started as an administrator: ${error.toString()}` };

function listen(socket: net.Socket, resolve: (failure: SetupFailure | null) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    chunks.push(chunk);
    if (bytes > REPORT_BYTES) socket.destroy();
  });
  socket.on('end', () => {
    const report = reportIn(Buffer.concat(chunks).toString('utf8'));
    if (report !== undefined) resolve(report);
  });
}

/** Undefined: it is no report. */
function reportIn(text: string): SetupFailure | null | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  if (value.failure === null) return null;
  if (!isObject(value.failure)) return undefined;
  const { code, text: words } = value.failure;
  const known = SETUP_ERROR_CODES.find((name) => name === code);
  return known !== undefined && typeof words === 'string' ? { code: known, text: words } : undefined;
}

async function untilEnd(started: number, { exitCode, close }: ElevationParts): Promise<number> {
  try {
    for (;;) {
      const code = exitCode(started);
      if (code !== null) return code;
      await sleep(LOOK_MS);
    }
  } finally {
    close(started);
  }
}

/** A report that was sent before the end arrives first. */
async function lost(code: number): Promise<SetupFailure> {
  await sleep(REPORT_MS);
  return { code: 'no_report', text: `the set-up ended with ${code} and reported nothing` };
}
