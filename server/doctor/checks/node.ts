/** Checks the running Node: its version, and the undocumented features that codexd uses. */
import { messageOf } from '../../errors/message-of.js';
import { bindWithoutListening } from '../../system/node/node-internals.js';
import { fail, ok, warn, type Finding } from '../findings/finding.js';
import type { Check } from '../findings/run-checks.js';

/** package.json, `engines`. */
const OLDEST_MAJOR = 20;

export const nodeCheck: Check = {
  id: 'node',
  title: 'Node',
  limitMs: 5000,
  run: ({ env }) => [version(), internals(), ...options(env.NODE_OPTIONS)],
};

function version(): Finding {
  const what = `Node ${process.versions.node} (${process.platform} ${process.arch})`;
  const detail = `${process.execPath}, V8 ${process.versions.v8}`;
  const major = Number(process.versions.node.split('.', 1)[0]);
  if (major >= OLDEST_MAJOR) return ok('node.version', what, detail);
  const fix = `install Node ${OLDEST_MAJOR} or newer, or name one for the launcher: CODEXD_NODE=/path/to/node`;
  return fail('node.version', `${what} is too old: ${OLDEST_MAJOR} or newer is needed`, fix, detail);
}

/** The feature that lanes require. A Node that has changed it reports the error itself. */
function internals(): Finding {
  try {
    bindWithoutListening('127.0.0.1').close();
    return ok('node.internals', 'this Node can open the sockets of network lanes');
  } catch (error) {
    return fail('node.internals', messageOf(error), 'use the newest Node of the even versions from 20 on');
  }
}

/** Options that a shell's profile sets for every Node. They can prevent the start of a daemon that an editor starts. */
function options(text: string | undefined): readonly Finding[] {
  if (!text?.trim()) return [];
  const loads = /(?:^|\s)(?:-r|--require|--import|--loader|--experimental-loader|--inspect\S*)(?:[\s=]|$)/.test(text);
  if (!loads) return [ok('node.options', 'NODE_OPTIONS is set', text)];
  const fix = 'unset NODE_OPTIONS, or start codexd by its launcher (`codexd-launcher`), which ignores it';
  return [warn('node.options', 'NODE_OPTIONS loads other code into every Node, codexd included', fix, text)];
}
