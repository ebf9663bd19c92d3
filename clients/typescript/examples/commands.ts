/** The example of README.md, in a file so that it compiles. A test compares the two texts. */
// example
import { connectWebSocket, runCommand } from '../index.js';

const client = await connectWebSocket('ws://127.0.0.1:4500', { clientInfo: { name: 'my-tool', version: '1.0.0' } });
client.onState((state) => console.log(state.kind)); // connected, reconnecting, closed

const { exitCode, stdout } = await client.request('command/exec', { command: ['uname', '-a'] });
console.log(exitCode, stdout);

const build = runCommand(
  client,
  { command: ['make'], disableTimeout: true },
  { onOutput: (_stream, bytes) => process.stdout.write(bytes), signal: AbortSignal.timeout(600_000) },
);
const { networkDenial } = await build.done;
if (networkDenial) console.log(`cancelled: it asked for ${networkDenial.host}`);

await client.close();
// end of example
