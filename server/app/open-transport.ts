/** Opens one place where clients connect, and says so. */
import fs from 'node:fs';
import path from 'node:path';
import { controlSocketPath } from '../config/settings/control-socket.js';
import type { AppServerOptions } from './options.js';
import type { Transport } from '../rpc/transports/listen-url.js';
import type { RootLogger } from '../log/log.js';
import { listenerBanner, unixSocketBanner } from '../rpc/transports/banner.js';
import type { OpenConsole } from '../rpc/console/open-console.js';
import type { RpcServer } from '../rpc/server.js';
import { StartError } from '../errors/start-error.js';

export interface TransportOptions {
  readonly server: RpcServer;
  readonly options: AppServerOptions;
  readonly codexHome: string;
  readonly log: RootLogger;
  /** The end of input, or nobody reads: of stdio alone. */
  readonly onInputEnd: () => void;
}

export interface Opened {
  /** As `--listen` takes it. */
  readonly url: string;
  /** Null: no TCP. */
  readonly port: number | null;
}

/** Throws StartError. */
export async function openTransport(transport: Transport, parts: TransportOptions): Promise<Opened> {
  const { server, options, codexHome, log } = parts;
  switch (transport.kind) {
    case 'stdio':
      server.attachStdio(parts.onInputEnd);
      log.info('serving', { url: 'stdio://' });
      return { url: 'stdio://', port: null };
    case 'unix': {
      const file = path.resolve(transport.path ?? controlSocketPath(codexHome));
      const group = options.socketGroup === null ? null : await existingGroup(options.socketGroup);
      await server.listenUnix(file, group);
      const url = `unix://${file}`;
      say(log, unixSocketBanner(file), { url, group: options.socketGroup });
      return { url, port: null };
    }
    case 'websocket': {
      const { address, console } = await server.listenTcp({
        ...transport,
        auth: options.webSocketAuth,
        console: options.console,
      });
      const url = `ws://${address}`;
      say(log, listenerBanner(address), {
        url,
        auth: options.webSocketAuth?.mode ?? null,
        console: console?.address(),
      });
      if (console !== null) showConsole(console, options.webSocketAuth !== null, log);
      return { url, port: Number(address.slice(address.lastIndexOf(':') + 1)) };
    }
    case 'off':
      throw new StartError('no transport configured; use --listen or enable remote control');
  }
}

/** The program that started the daemon waits for this line, at every log level. */
function say(log: RootLogger, banner: string, fields: Readonly<Record<string, unknown>>): void {
  if (log.format === 'json') return log.announce('listening', fields);
  process.stderr.write(banner);
  log.info('listening', fields);
}

/**
 * A link is a secret: it goes to a person's terminal or to the program that started the daemon, and into no log. With a
 * credential of the listener, people sign in with that.
 */
function showConsole(console: OpenConsole, hasCredential: boolean, log: RootLogger): void {
  if (log.format === 'json') return; // `listening` has the address
  const isLog = isJournal(process.env['JOURNAL_STREAM']);
  if (hasCredential) process.stderr.write(`console: ${console.address()} (sign in with the token of --ws-auth)\n`);
  else if (isLog) process.stderr.write(`console: ${console.address()} (\`codexd console\` prints a link)\n`);
  else process.stderr.write(`console: ${console.link()}\n`);
}

/** Whether standard error goes to systemd's journal, which keeps it (systemd.exec(5), JOURNAL_STREAM). */
function isJournal(stream: string | undefined): boolean {
  if (stream === undefined) return false;
  const { dev, ino } = fs.fstatSync(2);
  return stream === `${dev}:${ino}`;
}

async function existingGroup(name: string): Promise<number> {
  const { groupId } = await import('../system/programs/groups.js');
  const id = await groupId(name);
  if (id === null) throw new StartError(`--socket-group ${name}: this machine knows no such group`);
  return id;
}
