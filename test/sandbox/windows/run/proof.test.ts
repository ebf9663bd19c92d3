/** Canaries for real, where no wall stands (Wine): each of them must be found missing. */
import fs from 'node:fs';
import os from 'node:os';
import t, { type Test } from 'tap';
import { READ_ONLY } from '../../../../server/config/permissions/permission-profile.js';
import { onWindows } from '../../../fixtures/windows.js';
import { proveHere } from '../../../../server/sandbox/windows/run/windows-parts.js';
import type { Wall } from '../../../../server/sandbox/windows/run/walls.js';
import { fixture } from './fixtures/launched.js';
import { openSandbox } from './fixtures/open-sandbox.js';

const home = (t: Test): string => {
  const folder = fs.mkdtempSync('C:\\work\\home-');
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  return folder;
};

const hasOwnAddress = Object.values(os.networkInterfaces()).some((all) =>
  all?.some(({ internal, family }) => !internal && family === 'IPv4'),
);

t.test('a canary finds each wall that is not there', onWindows, async (t) => {
  const codexHome = home(t);
  let walls: readonly Wall[] = [];
  const sandbox = openSandbox(codexHome, {
    prove: async (identity, setup, wrap) => {
      walls = await proveHere(codexHome, identity, setup, wrap, openCanary);
      return { ok: false, problem: 'seen', fix: '' };
    },
  });
  const openCanary = [process.execPath, fixture('canary')];
  await t.rejects(
    sandbox.wrap({
      argv: ['cmd.exe'],
      cwd: codexHome,
      env: {},
      profile: READ_ONLY,
      workspaceRoots: [],
      network: 'offline',
      terminal: false,
    }),
    /the walls of the user `offline` do not stand: seen/,
  );
  const by = (result: Wall['result']): string[] =>
    walls.filter((wall) => wall.result === result).map(({ name }) => name);
  t.strictSame(
    by('leaked').sort(),
    [
      ...(hasOwnAddress ? ["TCP to this machine's own addresses", "UDP to this machine's own addresses"] : []),
      'TCP to other ports of loopback',
      'UDP on loopback',
      'reading a denied file',
      'reading the Codex home',
      'writing outside of the granted folders',
    ].sort(),
    JSON.stringify(walls),
  );
  t.strictSame(by('unreadable'), []);
  t.strictSame(
    by('held').sort(),
    ["TCP to a lane's port", 'processes that outlive their command', 'writing in a granted folder'],
    'what is allowed is possible, and jobs are real',
  );
});
