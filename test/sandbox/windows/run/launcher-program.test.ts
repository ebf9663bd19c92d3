import fs from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { onWindows } from '../../../fixtures/windows.js';
import { startLauncher } from './fixtures/launched.js';

t.test('a request that is gone, damaged or of another build starts nothing', onWindows, async (t) => {
  for (const [content, problem] of [
    [null, /cannot be read/],
    ['{"argv":', /damaged/],
    [JSON.stringify({ version: '0.0.0' }), /damaged/],
  ] as const) {
    const file = path.join(t.testdir(), 'request.json');
    if (content !== null) fs.writeFileSync(file, content);
    const launcher = startLauncher(file);
    const [stdout, stderr] = await Promise.all([text(launcher.stdout), text(launcher.stderr)]);
    t.equal(stdout, '');
    t.match(stderr, problem);
  }
});
