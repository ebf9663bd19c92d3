/** `codexd console`: asks a running daemon for links. */
import { messageOf } from '../../errors/message-of.js';
import { CODEXD_VERSION } from '../../package/package-version.js';
import { controlSocketPath } from '../../config/settings/control-socket.js';
import { connectRemote, remoteServer } from '../exec/remote.js';
import type { ParsedCommand } from '../options/command-spec.js';
import { print } from '../output/print.js';
import { terminalText } from '../output/terminal-text.js';

const CLIENT = { clientInfo: { name: 'codexd_console_link', title: 'codexd console', version: CODEXD_VERSION } };

/** Resolves to the exit code. */
export async function printConsoleLinks(parsed: ParsedCommand): Promise<number> {
  try {
    const client = await connectRemote(remoteServer(parsed) ?? ownDaemon(), CLIENT);
    try {
      const { links } = await client.request('console/link', {});
      print(links.map((link) => `${link}\n`).join(''));
      return 0;
    } finally {
      await client.close();
    }
  } catch (error) {
    const message = messageOf(error).replace(/^Error: /, '');
    process.stderr.write(terminalText(`Error: ${message}\n`, process.stderr));
    return 1;
  }
}

function ownDaemon() {
  const socketPath = controlSocketPath();
  return { address: `unix://${socketPath}`, socketPath, token: null, config: null };
}
