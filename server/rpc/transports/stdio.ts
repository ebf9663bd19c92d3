/**
 * Serves the client on standard input and output: JSON lines in both directions (docs/protocol/transport.md §5).
 *
 * The end of input does not end the connection: earlier requests are still answered. The daemon ends when the owner of
 * `onEnd` decides.
 */
import type { Readable, Writable } from 'node:stream';
import type { ClientPipe, ClientPipeListener } from '../connection/client-pipe.js';
import { createLineReader } from '../wire/framing.js';

export interface Stdio {
  readonly input: Readable;
  readonly output: Writable;
}

/**
 * Starts to read. Calls `onEnd` once: when the input has ended and all lines are received, or when answers can no
 * longer be sent. Returns the function that stops reading.
 */
export function openStdio(
  { input, output }: Stdio,
  accept: (pipe: ClientPipe) => ClientPipeListener,
  onEnd: () => void,
): () => void {
  const lines = createLineReader();
  let paused = false;
  let inputEnded = false;
  let over = false;

  const finish = (): void => {
    if (over) return;
    over = true;
    input.pause();
    onEnd();
  };
  const disconnect = (): void => {
    listener.ended();
    finish();
  };
  const listener = accept({
    transport: 'stdio',
    send(message, sent) {
      if (!corked) {
        corked = true;
        output.cork();
        process.nextTick(uncork);
      }
      output.write(message, () => sent());
    },
    pause() {
      paused = true;
      input.pause();
    },
    resume() {
      paused = false;
      receive();
      if (!paused && !over) input.resume();
    },
    close: disconnect,
    destroy: disconnect,
  });

  // Answers that are ready in one turn are written together.
  let corked = false;
  const uncork = (): void => {
    corked = false;
    output.uncork();
  };
  const receive = (): void => {
    while (!paused) {
      const line = lines.next();
      if (!line) {
        if (inputEnded) finish();
        return;
      }
      if ('text' in line) listener.receive(line.text, line.text.length);
      else listener.dropped(line.dropped);
    }
  };
  const endInput = (): void => {
    inputEnded = true;
    lines.end();
    receive();
  };

  input.on('data', (chunk: Buffer) => {
    lines.push(chunk);
    receive();
  });
  input.once('end', endInput);
  input.once('close', endInput);
  input.on('error', endInput);
  output.on('error', disconnect); // EPIPE: nobody reads our output
  return () => input.pause();
}
