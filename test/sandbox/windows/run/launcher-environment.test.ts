import t from 'tap';
import { launcherEnvironment } from '../../../../server/sandbox/windows/run/launcher-environment.js';

t.test('only what Windows needs, under whatever spelling', async (t) => {
  const env = {
    SYSTEMROOT: 'C:\\Windows',
    Temp: 'C:\\t',
    NODE_OPTIONS: '--require evil',
    OPENAI_API_KEY: 'secret',
    Path: 'x',
  };
  t.strictSame(launcherEnvironment(env), { SystemRoot: 'C:\\Windows', TEMP: 'C:\\t' });
});
