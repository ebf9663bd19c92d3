/** The files of packaging/, and what docs/operations.md says of them. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import t, { type Test } from 'tap';
import { parseAllDocuments } from 'yaml';
import { packageRoot } from '../../server/package/package-root.js';
import { runToEnd } from '../fixtures/programs.js';

t.setTimeout(120_000);

const at = (...parts: string[]): string => path.join(packageRoot(), ...parts);
const read = (...parts: string[]): string => fs.readFileSync(at(...parts), 'utf8');
const has = (program: string): boolean => runToEnd(program, ['--version']).exitCode !== undefined;

/** Whether codexd takes this command line: the last word, which is wrong, is all that it complains of. */
function assertCodexdReads(t: Test, args: readonly string[], where: string): void {
  const program = at('bin', 'codexd.cjs');
  const { exitCode, stderr } = runToEnd(process.execPath, [program, ...args, '--no-such-option']);
  t.equal(exitCode, 2, where);
  t.match(stderr, /--no-such-option/, `${where}: ${args.join(' ')}`);
}

const UNIT = read('packaging', 'systemd', 'codexd@.service');
const settings = (key: string): string[] =>
  UNIT.split('\n').flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []));

t.test('systemd knows every key of the unit', { skip: !has('systemd-analyze') && 'no systemd-analyze' }, (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-unit-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  const verify = (text: string): string => {
    const file = path.join(folder, 'codexd@root.service');
    // A program and a user that this machine has.
    fs.writeFileSync(file, text.replace(/^ExecStart=\S+/m, 'ExecStart=/bin/true'));
    const { exitCode, stderr, stdout } = runToEnd('systemd-analyze', ['verify', file]);
    return `${exitCode} ${stdout}${stderr}`;
  };
  t.equal(verify(UNIT), '0 ');
  t.match(verify(UNIT.replace('NotifyAccess', 'NotifyAcces')), /Unknown key/, 'and it would say so');
  t.end();
});
if (!has('systemd-analyze')) t.comment('SKIPPED: there is no systemd-analyze, so nobody verified the unit');

t.test('the unit uses valid options of codexd, and gives it time to end', (t) => {
  const [start = ''] = settings('ExecStart');
  const [program, ...args] = start.split(' ');
  t.match(program, /\/codexd$/);
  assertCodexdReads(t, args, 'ExecStart');
  t.strictSame(settings('Type'), ['notify']);
  t.strictSame(settings('NotifyAccess'), ['all']);
  t.strictSame(settings('KillMode'), ['mixed'], 'the daemon ends its commands itself');
  t.ok(Number(settings('TimeoutStopSec')[0]) >= 320, 'longer than turns are waited for, and the end itself');
  const impossible = [
    'ProtectKernelTunables',
    'ProtectKernelLogs',
    'ProtectProc',
    'ProcSubset',
    'RestrictNamespaces',
    'PrivateUsers',
    'MemoryDenyWriteExecute',
  ];
  for (const key of impossible) t.strictSame(settings(key), [], `${key} would take the sandbox away`);
  t.end();
});

t.test('the image has an init and its own user, and uses valid options of codexd', (t) => {
  const lines = read('packaging', 'container', 'Dockerfile')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const known = /^(FROM|RUN|COPY|USER|ENV|WORKDIR|VOLUME|EXPOSE|STOPSIGNAL|HEALTHCHECK|ENTRYPOINT|CMD|LABEL|ARG) \S/;
  for (const line of lines) t.match(line, known);
  const last = (word: string): string =>
    lines
      .findLast((line) => line.startsWith(`${word} `))
      ?.slice(word.length)
      .trim() ?? '';
  t.match(last('FROM'), /^node:(20|22|24|26)-/);
  t.notMatch(last('USER'), /^(root|0|)$/);
  const [init, dash, name] = JSON.parse(last('ENTRYPOINT')) as string[];
  t.strictSame([init, dash, name], ['/usr/bin/tini', '--', 'codexd']);
  const args = JSON.parse(last('CMD')) as string[];
  assertCodexdReads(t, args, 'CMD');
  t.match(args.join(' '), /--ws-auth/, 'open to the network means authenticated');
  const health = JSON.parse(/CMD (\[.*\])$/.exec(last('HEALTHCHECK'))?.[1] ?? '[]') as string[];
  const packages =
    /install -y --no-install-recommends ([a-z0-9 -]+?)\s+&&/.exec(lines.join('\n'))?.[1]?.split(/\s+/) ?? [];
  for (const needed of ['bubblewrap', 'util-linux', 'tini', health[0] ?? ''])
    t.ok(packages.includes(needed), `${needed} is installed`);
  const scripts = lines.filter((line) => line.startsWith('RUN ')).map((line) => line.slice(4));
  for (const script of scripts) t.equal(runToEnd('sh', ['-n', '-c', script]).exitCode, 0, script);
  t.end();
});

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
    readonly template?: { readonly spec: Pod };
    readonly replicas?: number;
  };
}
interface Pod {
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: { readonly runAsNonRoot: boolean };
  readonly volumes: readonly { readonly name: string }[];
  readonly containers: readonly {
    readonly args: readonly string[];
    readonly readinessProbe: { readonly httpGet: { readonly path: string } };
    readonly livenessProbe: { readonly httpGet: { readonly path: string } };
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  }[];
}

t.test("the Kubernetes example is complete: one pod, its home a volume, codexd's probes", (t) => {
  const documents = parseAllDocuments(read('packaging', 'kubernetes', 'codexd.yaml'), { uniqueKeys: true });
  const manifests = documents.map((document) => {
    t.strictSame([...document.errors, ...document.warnings], []);
    return document.toJS() as Manifest;
  });
  for (const { apiVersion, kind, metadata } of manifests) t.ok(apiVersion && metadata.name, kind);
  const set = manifests.find(({ kind }) => kind === 'StatefulSet')!.spec!;
  t.equal(set.replicas, 1, 'two daemons of one home are one too many');
  const pod = set.template!.spec;
  t.ok(pod.terminationGracePeriodSeconds >= 320);
  t.equal(pod.securityContext.runAsNonRoot, true);
  const [container] = pod.containers;
  assertCodexdReads(t, container!.args, 'args');
  t.equal(container!.readinessProbe.httpGet.path, '/readyz');
  t.equal(container!.livenessProbe.httpGet.path, '/healthz');
  const volumes = [
    ...pod.volumes.map(({ name }) => name),
    ...set.volumeClaimTemplates!.map(({ metadata }) => metadata.name),
  ];
  for (const { name, mountPath } of container!.volumeMounts) t.ok(volumes.includes(name), mountPath);
  const token = container!.args[container!.args.indexOf('--ws-token-file') + 1] ?? '';
  t.ok(container!.volumeMounts.some(({ mountPath }) => token.startsWith(`${mountPath}/`)));

  const config = manifests.find(({ kind }) => kind === 'ConfigMap')!.data!['config.toml']!;
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-k8s-'));
  t.teardown(() => fs.rmSync(home, { recursive: true, force: true }));
  fs.writeFileSync(path.join(home, 'config.toml'), config);
  const check = runToEnd(
    process.execPath,
    [at('bin', 'codexd.cjs'), 'app-server', '--print-startup-config', '--strict-config'],
    { env: { PATH: process.env.PATH, HOME: home, CODEX_HOME: home }, extendEnv: false },
  );
  t.equal(check.exitCode, 0, check.stderr);
  t.end();
});

t.test('the daemon writes every line of the log in docs/operations.md', (t) => {
  const table = read('docs', 'operations.md').split('| message ')[1]?.split('\n\n')[0] ?? '';
  const told = table
    .split('\n')
    .slice(2)
    .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, message]) => message!));
  t.ok(told.length > 15);
  const sources = fs
    .readdirSync(at('server'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => read('server', file))
    .join('\n');
  for (const message of told) t.ok(sources.includes(`'${message.replace(/^thread (?=started)/, '')}'`), message);
  t.end();
});
