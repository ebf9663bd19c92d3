import t from 'tap';
import type { AwsSigning } from '../../../server/config/permissions/mitm-actions.js';
import { awsVariables } from '../../../server/network-approval/hooks/aws-variables.js';
import { hookOf } from '../support/hooks.js';

const signing = (changes: Partial<AwsSigning> = {}) =>
  hookOf({
    signing: {
      port: 443,
      maxBody: 1,
      placeholderId: 'PLACEHOLDER',
      region: 'r',
      service: 's',
      accessKeyId: { variable: 'REAL_ID' },
      secretAccessKey: { file: '/key' },
      sessionToken: null,
      ...changes,
    },
  });

const SECRET = 'codexd-placeholder-secret';
const TOKEN = 'codexd-placeholder-token';
const USUAL = { AWS_ACCESS_KEY_ID: 'PLACEHOLDER', AWS_SECRET_ACCESS_KEY: SECRET };
const TOKENS = ['AWS_SESSION_TOKEN', 'AWS_SECURITY_TOKEN'];

t.test('programs of AWS find the placeholder, and no token of other credentials', async (t) => {
  t.strictSame(awsVariables([signing()], {}), { given: { REAL_ID: 'PLACEHOLDER', ...USUAL }, withheld: TOKENS });
  t.strictSame(awsVariables([signing({ sessionToken: { variable: 'REAL_TOKEN' } })], {}), {
    given: { REAL_TOKEN: TOKEN, REAL_ID: 'PLACEHOLDER', ...USUAL, AWS_SESSION_TOKEN: TOKEN },
    withheld: ['AWS_SECURITY_TOKEN'],
  });
  const own = signing({
    accessKeyId: { variable: 'AWS_ACCESS_KEY_ID' },
    secretAccessKey: { variable: 'AWS_SECRET_ACCESS_KEY' },
  });
  t.strictSame(awsVariables([own], { AWS_ACCESS_KEY_ID: 'REAL', AWS_SECRET_ACCESS_KEY: 'real' }).given, USUAL);
  t.strictSame(awsVariables([hookOf()], {}), { given: {}, withheld: [] });
});

t.test('what the environment chooses stays, and two placeholders choose nothing', async (t) => {
  const only = { given: { REAL_ID: 'PLACEHOLDER' }, withheld: [] };
  for (const environment of [{ AWS_PROFILE: 'a' }, { AWS_DEFAULT_PROFILE: 'a' }, { AWS_ACCESS_KEY_ID: 'OTHER' }])
    t.strictSame(awsVariables([signing()], environment), only, Object.keys(environment).join());
  const other = signing({ placeholderId: 'SECOND', accessKeyId: { file: '/id' } });
  t.strictSame(awsVariables([signing(), other], {}), only);
});
