/**
 * Real programs that know no proxy, each with a server of its own kind on loopback. Debian's packages for all of them:
 * postgresql, openssh-server, git, default-jdk-headless, rustc, python3, curl, bind9-dnsutils; golang-go and gcc for
 * go-programs.ts. grpc-programs.ts has what npm has.
 */
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Test } from 'tap';
import { PYTHON } from '../fixtures/python.js';
import { runToEnd, startChild } from '../fixtures/programs.js';
import { until } from '../fixtures/until.js';

/** The words of bash that make the program print `reached` if it reaches the server as this host. */
export type Line = (host: string) => string;

export interface RealProgram {
  readonly name: string;
  /** Prepares the program and starts its server; a text: what is not installed. */
  prepare(t: Test): Promise<Line | string>;
}

/** The first of these files that exists, or the program on PATH. */
export function find(...names: readonly string[]): string | null {
  const onPath = (process.env['PATH'] ?? '').split(':').map((folder) => path.join(folder, names[0] ?? ''));
  return [...names.slice(1), ...onPath].find((file) => fs.existsSync(file)) ?? null;
}

/** A folder that other users may enter. */
export function folder(t: Test): string {
  const place = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-real-')));
  fs.chmodSync(place, 0o755);
  t.teardown(() => fs.rmSync(place, { recursive: true, force: true }));
  return place;
}

/** The port of the server, on loopback. */
export async function listening(t: Test, server: net.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts a server program, and waits until its port accepts connections. */
async function serve(t: Test, port: number, file: string, args: readonly string[]): Promise<void> {
  const child = startChild(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (piece: Buffer) => (said += piece.toString()));
  t.teardown(async () => {
    child.kill('SIGINT');
    await child;
  });
  const accepts = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => resolve(true));
      socket.on('error', () => resolve(false)).once('connect', () => socket.destroy());
    });
  await until(async () => child.exitCode !== null || (await accepts()), `${file} listens`);
  if (child.exitCode !== null) throw new Error(`${file} ended: ${said}`);
}

/** As this user, or as `postgres` where this is root, whom the server refuses. */
const asPostgres = (argv: readonly string[]): readonly string[] =>
  process.getuid?.() === 0
    ? ['setpriv', '--reuid', 'postgres', '--regid', 'postgres', '--clear-groups', ...argv]
    : argv;

/** Runs a program to its end. Throws if it fails. */
export function run(argv: readonly string[]): void {
  const [file = '', ...args] = argv;
  const { exitCode, stderr } = runToEnd(file, args);
  if (exitCode !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`);
}

const postgres: RealProgram = {
  name: 'psql',
  async prepare(t) {
    const versions = fs.existsSync('/usr/lib/postgresql') ? fs.readdirSync('/usr/lib/postgresql') : [];
    const bin = versions
      .map((version) => `/usr/lib/postgresql/${version}/bin`)
      .find((at) => fs.existsSync(`${at}/initdb`));
    const client = find('psql');
    if (client === null || bin === undefined) return 'psql and a PostgreSQL server (package postgresql)';
    const place = folder(t);
    if (process.getuid?.() === 0) run(['chown', 'postgres', place]);
    const data = path.join(place, 'data');
    run(asPostgres([`${bin}/initdb`, '-D', data, '-U', 'tester', '-A', 'trust', '--no-sync', '--locale=C']));
    const port = await freePort();
    const options = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', place, '-F'];
    const [file = '', ...args] = asPostgres([`${bin}/postgres`, ...options]);
    await serve(t, port, file, args);
    return (host) =>
      `${client} "host=${host} port=${port} user=tester dbname=postgres" -Atc "select 'rea' || 'ched', inet_server_port()"`;
  },
};

/** An sshd for this user, and the words of ssh that log in. */
async function sshd(
  t: Test,
): Promise<{ readonly words: string; readonly port: number; readonly place: string } | string> {
  const server = find('sshd', '/usr/sbin/sshd');
  const [client, keygen] = [find('ssh'), find('ssh-keygen')];
  if (server === null || client === null || keygen === null) return 'ssh and sshd (package openssh-server)';
  const place = folder(t);
  if (process.getuid?.() === 0) fs.mkdirSync('/run/sshd', { recursive: true });
  for (const key of ['host', 'user']) run([keygen, '-q', '-t', 'ed25519', '-N', '', '-f', path.join(place, key)]);
  const port = await freePort();
  const config = {
    Port: port,
    ListenAddress: '127.0.0.1',
    HostKey: path.join(place, 'host'),
    AuthorizedKeysFile: path.join(place, 'user.pub'),
    PidFile: 'none',
    StrictModes: 'no',
    UsePAM: 'no',
    PasswordAuthentication: 'no',
    PermitRootLogin: 'yes',
  };
  const file = path.join(place, 'sshd_config');
  fs.writeFileSync(
    file,
    Object.entries(config)
      .map((pair) => `${pair.join(' ')}\n`)
      .join(''),
  );
  await serve(t, port, server, ['-D', '-e', '-f', file]);
  const options = ['BatchMode=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null'];
  const words = [client, '-F', 'none', '-i', path.join(place, 'user'), ...options.flatMap((option) => ['-o', option])];
  return { words: words.join(' '), port, place };
}

const ssh: RealProgram = {
  name: 'ssh',
  async prepare(t) {
    const server = await sshd(t);
    if (typeof server === 'string') return server;
    return (host) => `${server.words} -p ${server.port} ${os.userInfo().username}@${host} 'echo rea""ched'`;
  },
};

const git: RealProgram = {
  name: 'git over ssh',
  async prepare(t) {
    const program = find('git');
    const server = await sshd(t);
    if (program === null) return 'git';
    if (typeof server === 'string') return server;
    const repository = path.join(server.place, 'repository');
    run([program, 'init', '-q', '-b', 'reached', repository]);
    run([
      program,
      '-C',
      repository,
      '-c',
      'user.name=t',
      '-c',
      'user.email=t@t',
      'commit',
      '-q',
      '--allow-empty',
      '-m',
      'x',
    ]);
    return (host) =>
      `GIT_SSH_COMMAND='${server.words}' ${program} ls-remote ssh://${os.userInfo().username}@${host}:${server.port}${repository} | sed 's,refs/heads/,,'`;
  },
};

/** A server that speaks first, then says what it got. */
export const echo = (t: Test): Promise<number> =>
  listening(
    t,
    net.createServer((socket) => {
      socket.on('error', () => {});
      socket.write('ready\n');
      socket.once('data', (data) => socket.end(data.toString().toUpperCase()));
    }),
  );

const JAVA = `
import java.io.*; import java.net.*;
public class Plain {
  public static void main(String[] args) throws Exception {
    try (Socket s = new Socket(args[0], Integer.parseInt(args[1]))) {
      BufferedReader in = new BufferedReader(new InputStreamReader(s.getInputStream()));
      if (!"ready".equals(in.readLine())) throw new IOException("no greeting");
      s.getOutputStream().write("REACHED\\n".getBytes());
      System.out.println(in.readLine().toLowerCase());
    }
  }
}`;
const java: RealProgram = {
  name: 'a JVM program',
  async prepare(t) {
    const program = find('java');
    if (program === null || find('javac') === null) return 'java (package default-jdk-headless)';
    const file = path.join(folder(t), 'Plain.java');
    fs.writeFileSync(file, JAVA);
    const port = await echo(t);
    return (host) => `${program} -XX:-UsePerfData -XX:TieredStopAtLevel=1 ${file} ${host} ${port}`;
  },
};

const RUST = `
use std::{io::{Read, Write}, net::TcpStream};
fn main() -> std::io::Result<()> {
  let to = std::env::args().nth(1).unwrap();
  let mut s = TcpStream::connect(&to)?;
  let mut greeting = [0u8; 6];
  s.read_exact(&mut greeting)?;
  s.write_all(b"REACHED\\n")?;
  let mut answer = String::new();
  s.read_to_string(&mut answer)?;
  print!("{}", answer.to_lowercase());
  Ok(())
}`;
const rust: RealProgram = {
  name: 'a Rust program',
  async prepare(t) {
    const compiler = find('rustc');
    if (compiler === null) return 'rustc';
    const place = folder(t);
    fs.writeFileSync(path.join(place, 'plain.rs'), RUST);
    run([compiler, '-o', path.join(place, 'plain'), path.join(place, 'plain.rs')]);
    const port = await echo(t);
    return (host) => `${place}/plain ${host}:${port}`;
  },
};

const PYTHON_TEXT = (host: string, port: number): string =>
  `import socket; s = socket.create_connection(("${host}", ${port})); assert s.recv(6) == b"ready\\n"; s.sendall(b"REACHED\\n"); print(s.recv(99).decode().lower())`;
const python: RealProgram = {
  name: 'sockets of Python',
  async prepare(t) {
    if (!fs.existsSync(PYTHON)) return 'python3';
    const port = await echo(t);
    return (host) => `${PYTHON} -c '${PYTHON_TEXT(host, port)}'`;
  },
};

const curl: RealProgram = {
  name: 'curl without the proxy’s variables',
  async prepare(t) {
    const program = find('curl');
    if (program === null) return 'curl';
    const server = http.createServer((request, response) => response.end(`reached ${request.headers.host}\n`));
    t.teardown(() => server.closeAllConnections());
    const port = await listening(t, server);
    return (host) =>
      `unset \${!http*} \${!HTTP*} \${!all*} \${!ALL*}; ${program} -sS --noproxy '*' http://${host}:${port}/`;
  },
};

export const PROGRAMS: readonly RealProgram[] = [postgres, ssh, git, java, rust, python, curl];
