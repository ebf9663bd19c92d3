import t from 'tap';
import { parseAuthority } from '../../../server/network-approval/decide/targets.js';
import {
  changedRequest,
  type ChangedRequest,
  type Prepared,
  type ReadyActions,
} from '../../../server/network-approval/hooks/changed-request.js';
import { createBodyRoom } from '../../../server/network-approval/hooks/held-body.js';
import { parseRequestHead, type Header } from '../../../server/network-approval/proxy/http/request-head.js';
import { headersOf } from '../support/hooks.js';

/** What actions make of a request, without a network. test/network-approval/interception has the traffic. */

const PLACEHOLDER = 'PLACEHOLDER-0123';
const SUBSTITUTION = {
  port: 443,
  maxBody: 100,
  replacements: [{ placeholder: Buffer.from(PLACEHOLDER), secret: Buffer.from('the-secret') }],
};
const SIGNING = {
  port: 443,
  maxBody: 50,
  placeholderId: 'AKIAPLACEHOLDER',
  region: 'r',
  service: 'sqs',
  id: 'AKIAREAL',
  secret: 'real',
  token: null,
};
const NONE: ReadyActions = { changes: { strip: ['x-strip'], inject: [] }, substitution: null, signing: null };
const SUBSTITUTES = { ...NONE, substitution: SUBSTITUTION };
const SIGNS = { ...NONE, signing: SIGNING };

const DATE = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
const SCOPE = `${DATE.slice(0, 8)}/r/sqs/aws4_request`;
const signature = (names = 'host;x-amz-date'): readonly string[] => [
  `x-amz-date: ${DATE}`,
  `authorization: AWS4-HMAC-SHA256 Credential=AKIAPLACEHOLDER/${SCOPE}, SignedHeaders=${names}, Signature=${'0'.repeat(64)}`,
];

interface Asked {
  readonly lines?: readonly string[];
  /** Absent: none. An Error: the client breaks off. */
  readonly body?: string | Error;
  readonly trailers?: readonly Header[];
  readonly authority?: string;
  readonly room?: number;
}

async function change(actions: ReadyActions, asked: Asked = {}) {
  const { lines = [], body, trailers = [], authority = 'ok.test:443', room = 1000 } = asked;
  const framing = body === undefined ? [] : ['transfer-encoding: chunked'];
  const head = parseRequestHead(
    Buffer.from(['POST /q HTTP/1.1', 'host: ok.test', ...lines, ...framing, '', ''].join('\r\n'), 'latin1'),
  );
  const target = parseAuthority(authority, 443);
  if (typeof head === 'string' || target === null) throw new Error('no request');
  const seen = { read: false, informed: [] as number[] };
  const client = {
    async *body() {
      seen.read = true;
      if (body instanceof Error) throw body;
      yield Buffer.from(body ?? '');
    },
    trailers: () => trailers,
    inform: (status: number) => void seen.informed.push(status),
  };
  const left = createBodyRoom(room);
  const made = await changedRequest({ head, target, path: '/q', client }, actions, left);
  if (made.kind === 'changed') made.release();
  t.ok(left.take(room), 'its room is given back');
  return { made, seen };
}

const changed = (made: Prepared): ChangedRequest => {
  if (made.kind !== 'changed') throw new Error(`not changed: ${JSON.stringify(made)}`);
  return made;
};
const fieldsOf = (made: Prepared): Readonly<Record<string, string>> =>
  Object.fromEntries(changed(made).head.headers.map(({ key, value }) => [key, value]));

t.test('a body is read where an action needs it, and only there', async (t) => {
  const trailers = headersOf('x-a: 1', 'x-strip: 1');
  const plain = await change(NONE, { body: 'x', lines: ['x-strip: 1'] });
  t.strictSame(changed(plain.made).body, null);
  t.strictSame(changed(plain.made).trailers(trailers), headersOf('x-a: 1'));
  const substituted = await change(SUBSTITUTES, { body: `a=${PLACEHOLDER}` });
  t.strictSame(changed(substituted.made).body, Buffer.from('a=the-secret'));
  t.strictSame(changed(substituted.made).head.body, { kind: 'length', length: 12 });
  t.strictSame(fieldsOf(substituted.made), { host: 'ok.test', 'content-length': '12' });
  t.strictSame(changed(substituted.made).trailers(trailers), []);
  const signed = await change(SIGNS, { body: 'hello', lines: signature() });
  t.match(fieldsOf(signed.made), { authorization: /Credential=AKIAREAL\//, 'content-length': '5' });
  for (const [name, actions, asked] of [
    ['no body', SUBSTITUTES, {}],
    ['not meant', SIGNS, { body: 'x', lines: ['authorization: Bearer x'] }],
    [
      'not signed',
      SIGNS,
      {
        body: 'x'.repeat(200),
        lines: [...signature('host;x-amz-content-sha256;x-amz-date'), 'x-amz-content-sha256: UNSIGNED-PAYLOAD'],
      },
    ],
  ] as const) {
    const { made, seen } = await change(actions, asked);
    t.strictSame({ body: changed(made).body, read: seen.read }, { body: null, read: false }, name);
  }
  t.strictSame(changed((await change(SIGNS, { body: 'x' })).made).trailers(trailers), headersOf('x-a: 1'), 'not meant');
  const waits = await change(SUBSTITUTES, { body: 'x', lines: ['expect: 100-continue'] });
  t.strictSame(waits.seen.informed, [100]);
});

t.test('a refusal says why, and whether the body is gone', async (t) => {
  const rows: readonly [actions: ReadyActions, asked: Asked, detail: RegExp, isRead: boolean][] = [
    [SUBSTITUTES, { body: 'x', lines: ['digest: x'] }, /no substitution: a field of its head has a digest/, false],
    [SUBSTITUTES, { body: 'x'.repeat(101) }, /the body is too long/, true],
    [SUBSTITUTES, { body: 'x', trailers: headersOf('x-a: 1') }, /the body has trailers/, true],
    [{ ...SUBSTITUTES, signing: SIGNING }, { body: 'x'.repeat(51), lines: signature() }, /the body is too long/, true],
    [SIGNS, { lines: signature(), authority: 'ok.test:8443' }, /no signature: another port/, false],
    [SIGNS, { lines: [...signature(), 'trailer: x-a'], body: 'x' }, /no signature: it announces trailers/, false],
    [SIGNS, { lines: [...signature(), 'authorization: x'] }, /no signature: it has Authorization twice/, false],
    [SIGNS, { lines: signature('host;x-amz-date;x-strip') }, /no signature: a field that it signs/, false],
    [SIGNS, { lines: signature('host;x-amz-date;x-strip'), body: 'x' }, /no signature: a field that it signs/, true],
    [
      SIGNS,
      { lines: [...signature('connection;host;x-amz-date'), 'connection: close'] },
      /a field that it signs/,
      false,
    ],
  ];
  for (const [actions, asked, detail, isRead] of rows) {
    const { made, seen } = await change(actions, asked);
    t.match(made, { kind: 'refused', detail, isRead }, detail.source);
    t.equal(seen.read, isRead);
    t.notMatch(JSON.stringify(made), /the-secret|AKIA|x-strip/);
  }
  const twice = {
    ...SUBSTITUTION,
    replacements: [{ placeholder: Buffer.from('a'.repeat(16)), secret: Buffer.from('x') }],
  };
  t.match((await change({ ...NONE, substitution: twice }, { body: 'a'.repeat(17) })).made, {
    kind: 'refused',
    detail: /overlap/,
    isRead: true,
  });
});

t.test('what is not for the policy to say fails by itself', async (t) => {
  t.strictSame((await change(SUBSTITUTES, { body: new Error('cut off') })).made, { kind: 'failed', why: 'broken' });
  t.strictSame((await change(SUBSTITUTES, { body: 'x'.repeat(11), room: 10 })).made, {
    kind: 'failed',
    why: 'no-room',
  });
  const changes = await change(SUBSTITUTES, { body: PLACEHOLDER, room: 20 });
  t.strictSame(changes.made, { kind: 'failed', why: 'no-room' }, 'the new body takes room beside the old one');
});
