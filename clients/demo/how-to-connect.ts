import path from 'node:path';
import { explain, gap, title, verbatim } from './say.js';
import type { Daemon } from './daemon.js';

/** Prints how to connect a client to the running daemon and to the program itself, with real paths and ports. */
export function howToConnect(daemon: Daemon, program: string, codexHome: string): void {
  title('The daemon is running');
  explain(`It uses the Codex home ${codexHome} and listens on`);
  gap();
  verbatim(daemon.url, `unix://${daemon.socketPath}`);
  gap();
  explain('The console, to look and to decide with. The link works once:');
  gap();
  verbatim(daemon.consoleLink);
  gap();
  explain('A conversation in another terminal, on this daemon:');
  gap();
  verbatim(`${program} chat --attach unix://${daemon.socketPath}`);
  gap();
  explain(
    'A program of your own, with the bundled client (or any WebSocket client: one JSON-RPC message a text frame):',
  );
  gap();
  const library = path.join(path.dirname(program), '..', 'dist', 'client.js');
  verbatim(
    `import { connectWebSocket } from ${JSON.stringify(path.normalize(library))};`,
    `const client = await connectWebSocket(${JSON.stringify(daemon.url)});`,
    `console.log(await client.request('command/exec', { command: ['echo', 'hello'] }));`,
  );
  gap();
  explain('The terminal client:');
  gap();
  verbatim(`codex --remote ${daemon.url}`);
  gap();
  explain('A desktop app or a tool on another machine, through SSH (a raw relay to the unix socket):');
  gap();
  verbatim(`ssh THIS-HOST ${program} app-server proxy --sock ${daemon.socketPath}`);
  gap();
  explain('An editor or a tool that starts a server of its own gets the program instead of an address:');
  gap();
  verbatim(
    `VS Code (settings.json)      "chatgpt.cliExecutable": ${JSON.stringify(program)}`,
    `Zed, JetBrains (codex-acp)   CODEX_PATH=${program}`,
    `ai-sdk-provider              codexPath: ${JSON.stringify(program)}`,
    `anything that looks on PATH  ln -s ${program} SOME-FOLDER-ON-PATH/codex`,
  );
  gap();
  explain('README.md says which parts of the protocol this version answers. Stop the daemon with Ctrl-C.');
}
