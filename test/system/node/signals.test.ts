import { constants } from 'node:os';
import t from 'tap';
import { systemSignals } from '../../../server/system/node/signals.js';

t.test('this system has the signals that are listened to', async (t) => {
  const { keys, interrupts, ends } = systemSignals();
  for (const signal of [...keys, ...interrupts, ...ends]) t.ok(constants.signals[signal], signal);
});

t.test('Ctrl-Break of Windows is a key, and ends a daemon', async (t) => {
  const { keys, ends, hangupIsLast } = systemSignals('win32');
  t.ok(keys.includes('SIGBREAK') && ends.includes('SIGBREAK') && hangupIsLast);
  for (const platform of ['linux', 'darwin'] as const) {
    const here = systemSignals(platform);
    t.notOk(here.keysReachAll || here.hangupIsLast || here.ends.includes('SIGBREAK'));
  }
});
