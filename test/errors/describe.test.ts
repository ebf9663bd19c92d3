import t from 'tap';
import { CodexdError, isCode } from '../../server/errors/codexd-error.js';
import { ConfigError } from '../../server/errors/config-error.js';
import { describe, errorFields } from '../../server/errors/describe.js';
import { messageOf } from '../../server/errors/message-of.js';

const osError = (code: string): Error => Object.assign(new Error(`${code}: said Node`), { code, errno: -1 });

void t.test('every thrown value has a text', async (t) => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  const rows: readonly (readonly [unknown, string])[] = [
    [new Error('why'), 'why'],
    ['why', 'why'],
    [{ message: 'why' }, 'why'],
    [{ status: 3 }, '{"status":3}'],
    [circle, 'an object of Object'],
    [{ big: 1n }, 'an object of Object'],
    [Object.create(null), '{}'],
    [null, 'null'],
    [undefined, 'undefined'],
    [7, '7'],
  ];
  for (const [thrown, words] of rows) t.equal(messageOf(thrown), words);
});

void t.test('a line about an error has its code and its kind', async (t) => {
  t.same(describe('the index was not saved', new CodexdError('network.lane', 'no'), { thread: 'x' }), [
    'the index was not saved: no',
    { thread: 'x', code: 'network.lane', kind: 'machine' },
  ]);
  t.same(errorFields(osError('ENOSPC')), { code: 'machine.os', kind: 'machine', errno: 'ENOSPC' });
  t.same(errorFields(new CodexdError('machine.scratch', 'no', { cause: osError('EROFS') })), {
    code: 'machine.scratch',
    kind: 'machine',
    errno: 'EROFS',
    cause: 'EROFS: said Node',
  });
  const bug = new TypeError('undefined is not a function');
  t.same(errorFields(bug), { code: 'unexpected', kind: 'bug', stack: bug.stack }, 'what nobody foresaw has its stack');
  t.same(errorFields('thrown text'), { code: 'unexpected', kind: 'bug' });
});

void t.test('a cycle of causes ends', async (t) => {
  const one = new Error('one');
  one.cause = new Error('two', { cause: one });
  t.match(errorFields(one), { code: 'unexpected', cause: 'two' });
});

void t.test('the origin of a configuration error is its code', async (t) => {
  t.ok(isCode(new ConfigError('x'), 'config.invalid'));
  const demanded = new ConfigError('x', { origin: 'requirements' });
  t.ok(isCode(demanded, 'config.requirements'));
  t.equal(demanded.kind, 'administrator');
  t.notOk(isCode({ code: 'config.invalid' }, 'config.invalid'), 'a foreign object is not an error of ours');
});
