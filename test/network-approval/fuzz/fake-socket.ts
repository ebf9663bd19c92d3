/** As much of a socket as the parsers use, without a kernel: what it is fed, it emits. */
import { EventEmitter } from 'node:events';
import type net from 'node:net';

export interface FakeSocket {
  readonly socket: net.Socket;
  /** Emits the bytes in two pieces, and then the end. */
  feed(bytes: Buffer, cut: number): void;
  written(): Buffer;
}

export function fakeSocket(): FakeSocket {
  const written: Buffer[] = [];
  const emitter = new EventEmitter();
  let paused = false;
  const close = (): void => {
    if (fake.destroyed) return;
    fake.destroyed = true;
    queueMicrotask(() => emitter.emit('close'));
  };
  const fake = Object.assign(emitter, {
    destroyed: false,
    pause: () => void (paused = true),
    resume: () => void (paused = false),
    isPaused: () => paused,
    write: (data: Buffer | string) => written.push(Buffer.from(data as Buffer)) > 0,
    end: (data?: Buffer) => (data === undefined ? close() : (written.push(data), close())),
    destroy: close,
    destroySoon: close,
    resetAndDestroy: close,
  });
  return {
    socket: fake as unknown as net.Socket,
    feed(bytes, cut) {
      if (cut > 0) emitter.emit('data', bytes.subarray(0, cut));
      if (cut < bytes.length) emitter.emit('data', bytes.subarray(cut));
      emitter.emit('end');
    },
    written: () => Buffer.concat(written),
  };
}
