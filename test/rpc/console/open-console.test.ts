import t from 'tap';
import { readConsoleFiles } from '../../../server/rpc/console/files.js';
import { openConsole } from '../../../server/rpc/console/open-console.js';

const here = (): boolean => {
  try {
    return readConsoleFiles().size > 0;
  } catch {
    return false;
  }
};

t.test(
  'links name an address that a browser of this machine reaches',
  { skip: !here() && 'build first' },
  async (t) => {
    for (const [host, origins, address] of [
      ['127.0.0.1', [], 'http://127.0.0.1:4500/'],
      ['0.0.0.0', [], 'http://127.0.0.1:4500/'],
      ['::', [], 'http://[::1]:4500/'],
      ['fd00::7', [], 'http://[fd00::7]:4500/'],
      ['127.0.0.1', ['https://codexd.example.com'], 'https://codexd.example.com/'],
    ] as const) {
      const console = openConsole(host, origins, null);
      console.listening(host, 4500);
      t.equal(console.address(), address);
      t.ok(console.link().startsWith(`${address}#`));
      t.not(console.link(), console.link(), 'each is another');
    }
  },
);
