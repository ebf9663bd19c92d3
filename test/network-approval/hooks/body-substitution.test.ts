import t from 'tap';
import fs from 'node:fs';
import path from 'node:path';
import {
  readySubstitution,
  substituted,
  substitutionProblem,
} from '../../../server/network-approval/hooks/body-substitution.js';
import { scratchFolder } from '../support/certificates.js';
import { headersOf } from '../support/hooks.js';

const A = 'PLACEHOLDER-AAAA';
const B = 'PLACEHOLDER-BBBB';

const ready = (pairs: readonly (readonly [placeholder: string, secret: string])[], maxBody = 4 * 1024 * 1024) => ({
  port: 443,
  maxBody,
  replacements: pairs.map(([placeholder, secret]) => ({
    placeholder: Buffer.from(placeholder),
    secret: Buffer.from(secret),
  })),
});

async function text(body: string, pairs: Parameters<typeof ready>[0], maxBody?: number): Promise<string> {
  const made = await substituted(Buffer.from(body), ready(pairs, maxBody));
  return typeof made === 'string' ? `refused: ${made}` : made.toString();
}

t.test('every placeholder is replaced once, wherever it stands', async (t) => {
  const pairs = [
    [A, 'one'],
    [B, 'a much longer secret'],
  ] as const;
  t.equal(await text(`${A}`, pairs), 'one');
  t.equal(await text(`${A}${B}${A}`, pairs), 'onea much longer secretone');
  t.equal(await text(`{"a":"${B}","b":"${A}"}`, pairs), '{"a":"a much longer secret","b":"one"}');
  t.equal(await text(A.toLowerCase(), pairs), A.toLowerCase(), 'its letters count');
  t.equal(await text(A.slice(1), pairs), A.slice(1));
  t.equal(await text('', pairs), '');
  t.equal(await text(`x${A}`, [[A, '"\n&']]), 'x"\n&', 'octets, without regard to what the body is');
  const binary = Buffer.concat([Buffer.from([0xff, 0xfe, 0]), Buffer.from(A), Buffer.from([0xc3])]);
  t.strictSame(
    await substituted(binary, ready(pairs)),
    Buffer.concat([Buffer.from([0xff, 0xfe, 0]), Buffer.from('one'), Buffer.from([0xc3])]),
  );
});

t.test('a placeholder between two windows of the search is found once', async (t) => {
  const MIB = 1024 * 1024;
  for (const at of [MIB - A.length, MIB - A.length + 1, MIB - 1, MIB, 2 * MIB - 3]) {
    const body = Buffer.alloc(2 * MIB + 100, 'x');
    body.write(A, at);
    const made = await substituted(body, ready([[A, 'one']]));
    t.equal(made.indexOf('one'), at, String(at));
    t.equal(made.length, body.length - A.length + 3);
  }
});

t.test('what cannot be replaced in one way, or becomes too long, is refused', async (t) => {
  t.equal(await text('a'.repeat(17), [['a'.repeat(16), 'x']]), 'refused: placeholders in the body overlap');
  t.equal(await text('a'.repeat(16), [['a'.repeat(16), 'x']]), 'x');
  const two = [
    ['PLACEHOLDER-12345', 'x'],
    ['12345-PLACEHOLDER', 'y'],
  ] as const;
  t.equal(await text('PLACEHOLDER-12345-PLACEHOLDER', two), 'refused: placeholders in the body overlap');
  t.equal(await text(A, [[A, 'x'.repeat(20)]], 20), 'x'.repeat(20));
  t.equal(await text(`${A}!`, [[A, 'x'.repeat(20)]], 20), 'refused: the body is too long with its secrets');
  t.equal(await text(A.repeat(65_536), [[A, '']]), '');
  t.equal(await text(A.repeat(65_537), [[A, '']]), 'refused: the body has too many placeholders');
});

t.test('a body that its head says more about cannot be changed', async (t) => {
  const refused = [
    'Content-Encoding: gzip',
    'content-encoding: identity, gzip',
    'content-encoding: aws-chunked',
    'Digest: sha-256=x',
    'content-digest: sha-256=:x:',
    'repr-digest: x',
    'content-md5: x',
    'x-amz-content-sha256: UNSIGNED-PAYLOAD',
    'X-Amz-Checksum-Crc32: x',
    'x-amz-decoded-content-length: 1',
    'x-amz-trailer: x',
    'Trailer: x',
    'content-type: application/vnd.amazon.eventstream',
    'content-type: Application/vnd.amazon.eventstream; v=1',
  ];
  for (const line of refused) t.type(substitutionProblem(headersOf('accept: */*', line)), 'string', line);
  for (const line of ['content-encoding: identity', 'content-encoding:', 'content-type: text/plain', 'want-digest: a'])
    t.equal(substitutionProblem(headersOf(line)), null, line);
});

t.test('secrets are read when the command starts, and an error does not show them', async (t) => {
  const file = path.join(scratchFolder(t), 'secret');
  fs.writeFileSync(file, '\n in the file \n');
  const read = (
    secret: string,
    maxBody = 100,
    more: { readonly variable: string } | { readonly file: string } = { file },
  ) =>
    readySubstitution(
      {
        port: 1,
        maxBody,
        replacements: [
          { placeholder: A, from: { variable: 'SECRET' } },
          { placeholder: B, from: more },
        ],
      },
      { SECRET: secret },
    );
  const { replacements } = await read('hidden');
  t.strictSame(
    replacements.map(({ secret }) => secret.toString()),
    ['hidden', 'in the file'],
  );
  const start = /failed to compile body secret substitution: /;
  const rows: readonly [Promise<unknown>, RegExp][] = [
    [read(''), /variable SECRET is empty$/],
    [read(`hidden ${B}`), /variable SECRET contains a placeholder$/],
    [read('hidden-hidden', 12), /variable SECRET is longer than a body may be$/],
    [read('hidden'.repeat(11_000)), /variable SECRET is longer than 65536 octets$/],
    [read('hidden', 100, { variable: 'NONE' }), /variable NONE is missing$/],
    [read('hidden', 100, { file: `${file}.none` }), /cannot be read \(ENOENT\)$/],
  ];
  for (const [failure, message] of rows) {
    await t.rejects(failure, { code: 'network.policy', message });
    await failure.catch((error: Error) => {
      t.match(error.message, start);
      t.notMatch(error.message, 'hidden');
    });
  }
  fs.writeFileSync(file, Buffer.from([0xff, 0xfe]));
  await t.rejects(read('hidden'), { message: /is not UTF-8$/ });
});
