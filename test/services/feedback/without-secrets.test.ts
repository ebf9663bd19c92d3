import t from 'tap';
import { secretValues, withoutSecrets } from '../../../server/services/feedback/without-secrets.js';

t.test('values of telling names, the longest first', (t) => {
  const env = {
    API_KEY: 'value-of-key',
    PATH: '/usr/bin:/bin',
    MY_TOKEN: 'short',
    DB_PASSWORD: 'value-of-key-and-more',
  };
  t.same(secretValues(env, ['stored-key']), ['value-of-key-and-more', 'value-of-key', 'stored-key']);
  t.end();
});

t.test('known values and known forms', (t) => {
  const values = ['quo"ted-value'];
  const rows: [string, string][] = [
    ['a quo"ted-value b', 'a [REDACTED] b'],
    [JSON.stringify({ a: 'quo"ted-value' }), '{"a":"[REDACTED]"}'],
    ['sk-proj-0123456789abcdef', '[REDACTED]'],
    [`ghp_${'a'.repeat(36)}`, '[REDACTED]'],
    ['Authorization: Bearer abc.def-ghi', 'Authorization: Bearer [REDACTED]'],
    ['https://user:passw0rd@host/x', 'https://user:[REDACTED]@host/x'],
    ['-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----', '[REDACTED]'],
    ['a task-list, https://host/x and sk-short', 'a task-list, https://host/x and sk-short'],
  ];
  for (const [text, expected] of rows) t.equal(withoutSecrets(text, values), expected);
  t.end();
});
