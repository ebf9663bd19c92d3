import t from 'tap';
import { createLogger } from '../../server/log/log.js';
import { withRecentLines } from '../../server/log/recent-lines.js';

t.test('the last warnings and errors are kept, of every part, also below the level of the log', async (t) => {
  const written: string[] = [];
  const { log, recent } = withRecentLines(
    await createLogger({ filter: 'error', format: 'plain', env: {}, write: (line) => void written.push(line) }),
  );
  log.child('codexd::part').warn('careful', { secret: 'x', path: '/x', stack: 'at here' });
  log.error('broken', { err: new Error('no space'), turn: 7n });
  log.info('unimportant');
  t.match(recent(), [
    { level: 'warn', message: 'careful secret=[redacted] path=/x' },
    { level: 'error', message: 'broken turn=7 err=no space' },
  ]);
  t.equal(written.length, 1, 'the log itself is as before');
  for (let n = 0; n < 60; n++) log.warn(`line ${n}`);
  t.equal(recent().length, 50);
  t.equal(recent().at(-1)?.message, 'line 59');
});
