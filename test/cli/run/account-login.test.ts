/** `codexd login` with an account, as a program, and the exchange with the official program. */
import path from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { packageRoot } from '../../../server/package/package-root.js';
import { signIn, startIssuer } from '../../fixtures/issuer.js';
import { codexd, scratch } from '../../fixtures/program.js';
import { findReference, NOT_INSTALLED } from '../../sessions/store/reference-program.js';

t.setTimeout(240_000);

t.test('codexd login and logout, and the official program read the same login', async (t) => {
  const issuer = await startIssuer(t);
  const config = `[codexd.login]\nissuer = "${issuer.origin}"\n`;
  const places = scratch(t, config);
  const { home, user } = places;
  const run = (words: string) => codexd(places, words.split(' '));
  t.match(await run('login --device-auth'), { code: 0, stdout: /ABCD-1234/, stderr: 'Successfully logged in\n' });
  t.strictSame(await run('login status'), { code: 0, stdout: '', stderr: 'Logged in using ChatGPT\n' });
  const program = findReference();
  if (program === null) t.comment(NOT_INSTALLED);
  else {
    const env = { CODEX_HOME: home, HOME: user, CODEX_REVOKE_TOKEN_URL_OVERRIDE: `${issuer.origin}/oauth/revoke` };
    const theirs = (words: string) => execa(program, words.split(' '), { env, reject: false, timeout: 30_000 });
    t.match(await theirs('login status'), { exitCode: 0, stderr: /Logged in using ChatGPT/ });
    t.match(await theirs('logout'), { exitCode: 0 });
    t.match(await run('login status'), { code: 1, stderr: 'Not logged in\n' });
    issuer.pending = 0;
    const login = await theirs(`login --device-auth --experimental_issuer ${issuer.origin}`);
    t.equal(login.exitCode, 0, login.stderr);
    t.match(await run('login status'), { code: 0, stderr: 'Logged in using ChatGPT\n' });
  }
  t.match(await run('logout'), { code: 0, stderr: 'Successfully logged out\n' });
  t.equal(issuer.refresh.size, 0, 'the tokens are taken back');
});

t.test('a login with a browser prints its address, and a refusal of the issuer ends it', async (t) => {
  const issuer = await startIssuer(t);
  const places = scratch(t, `[codexd.login]\nissuer = "${issuer.origin}"\n`);
  const program = path.join(packageRoot(), 'bin', 'codexd.cjs');
  const login = (come: (url: string) => Promise<unknown>) => {
    const env = { CODEX_HOME: places.home, HOME: places.user };
    const child = execa(process.execPath, [program, 'login'], { env, reject: false, timeout: 60_000 });
    let said = '';
    child.stderr.on('data', (part: Buffer) => {
      const before = said;
      said += part.toString();
      const url = /^http\S+\/oauth\/authorize\S+\n/m;
      if (!url.test(before) && url.test(said)) void come(url.exec(said)![0].trim());
    });
    return child;
  };
  const good = await login((url) => signIn(url));
  t.match(good, { exitCode: 0, stderr: /^Starting local login server on http:\/\/localhost:\d+\.\n/ });
  t.match(good.stderr, /Successfully logged in$/);
  const denied = await login((url) => signIn(url, { error: 'access_denied' }));
  t.match(denied, { exitCode: 1, stderr: /Error logging in: Sign-in failed: access_denied$/ });
  t.match(await codexd(places, ['login', 'status']), { code: 0 }, 'the login before stays');
});
