import t from 'tap';
import { createTokenSource, type TokenCommand } from '../../../../server/sessions/model/provider/token-command.js';
import { elapse } from '../../../fixtures/until.js';

const never = new AbortController().signal;
const owner = { threadId: 't', turnId: 'u' };
const command: TokenCommand = { command: 'login', args: [], timeoutMs: 1000, refreshMs: 60_000, cwd: null };
const printing = (stdout: string, exitCode = 0, stderr = '') => Promise.resolve({ exitCode, stdout, stderr });

t.test('a token is stored, shared by simultaneous requests, and requested again after a refusal', async (t) => {
  let runs = 0;
  const source = createTokenSource('p', command, () => printing(`tok-${++runs}\n`));
  const tokens = await Promise.all([source.token(owner, never), source.token(owner, never)]);
  t.same(tokens, ['tok-1', 'tok-1']);
  t.equal(await source.token(owner, never), 'tok-1');
  source.forget();
  t.equal(await source.token(owner, never), 'tok-2');
});

t.test('a token is used only while it is valid', async (t) => {
  let runs = 0;
  const source = createTokenSource('p', { ...command, refreshMs: 1 }, () => printing(`tok-${++runs}`));
  await source.token(owner, never);
  await elapse(5, 'the token lives for 1 ms');
  t.equal(await source.token(owner, never), 'tok-2');
});

t.test('a failure names the provider and the program, and the next request runs it again', async (t) => {
  const rows: readonly (readonly [ReturnType<typeof printing>, RegExp])[] = [
    [printing('', 3, 'not signed in\n'), /^model_providers\.p\.auth: `login` ended with 3: not signed in$/],
    [printing('\n'), /`login` printed no token/],
    [printing('two words'), /`login` printed no token/],
    [Promise.reject(new Error('No such file or directory')), /`login` cannot be run: No such file or directory$/],
  ];
  for (const [result, message] of rows) {
    let first = true;
    const source = createTokenSource('p', command, () => {
      if (!first) return printing('tok');
      first = false;
      return result;
    });
    await t.rejects(source.token(owner, never), { name: 'ModelError', message });
    t.equal(await source.token(owner, never), 'tok');
  }
});
