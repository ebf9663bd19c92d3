import fs from 'node:fs';
import os from 'node:os';
import { PROTOCOL_VERSION } from './package-version.js';

/**
 * `NAME/VERSION (OS VERSION; ARCH) TERMINAL (NAME; VERSION)`: clients parse the protocol version from it
 * (docs/protocol/transport.md §2). The originator override replaces only the first name.
 */
export function userAgent(client: { name: string; version: string }, env: NodeJS.ProcessEnv = process.env): string {
  const originator = env.CODEX_INTERNAL_ORIGINATOR_OVERRIDE || client.name;
  const system = `${systemName()}; ${ARCHITECTURES[process.arch] ?? process.arch}`;
  return `${originator}/${PROTOCOL_VERSION} (${system}) ${terminal(env)} (${client.name}; ${client.version})`;
}

/** The names of architectures in the protocol (those of uname(1), not Node's). */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'arm64' };

function systemName(): string {
  if (process.platform !== 'linux') return `${PLATFORM_NAMES[process.platform] ?? process.platform} ${os.release()}`;
  const { NAME, VERSION_ID } = osRelease();
  return `${NAME?.split(' ')[0] ?? 'Linux'} ${threeParts(VERSION_ID ?? os.release())}`;
}
const PLATFORM_NAMES: Readonly<Record<string, string>> = { darwin: 'Mac OS', win32: 'Windows' };

/** The values of /etc/os-release. They do not change while the process runs, and every client gets a user agent. */
let release: Readonly<Record<string, string>> | undefined;
const osRelease = (): Readonly<Record<string, string>> => (release ??= readOsRelease());

function readOsRelease(): Record<string, string> {
  try {
    const lines = fs.readFileSync('/etc/os-release', 'utf8').split('\n');
    return Object.fromEntries(lines.filter((l) => l.includes('=')).map((l) => [l.split('=', 1)[0], unquote(l)]));
  } catch {
    return {}; // Without the file: "Linux" and the version of the kernel.
  }
}
const unquote = (line: string): string => line.slice(line.indexOf('=') + 1).replace(/^"(.*)"$/, '$1');
const threeParts = (version: string): string => [...version.split(/[^0-9]+/), '0', '0'].slice(0, 3).join('.');

/** The terminal program and its version from the environment, else TERM; safe for a header. */
function terminal(env: NodeJS.ProcessEnv): string {
  const { TERM_PROGRAM: program, TERM_PROGRAM_VERSION: version, TERM } = env;
  const name = program ? (version ? `${program}/${version}` : program) : TERM || 'unknown';
  return name.replace(/[^\x21-\x7e]/g, '_');
}
