/**
 * Runs the decoder on one image (image-worker.ts).
 *
 * Threat: an image that takes all of the memory or the time, or that makes the decoder fail.
 * Rule: the caller has bounded the pixels by the header. One image is decoded at a time, in a thread that ends with it
 * and that is ended after a while. The event loop waits for nothing.
 */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { CodexdError } from '../errors/codexd-error.js';
import { packageRoot } from '../package/package-root.js';
import type { ImageHeader } from './image-header.js';

/** The message is what the model reads behind `unable to process image: `. */
export const imageError = (message: string): CodexdError => new CodexdError('tool.image', message);

export const INVALID_IMAGE = 'invalid or unsupported image data';

export interface DecodeTask {
  readonly bytes: Uint8Array;
  readonly header: ImageHeader;
  /** That it shall have, as it is stored. */
  readonly size: { readonly width: number; readonly height: number };
  /** It is written again even when it has this size. */
  readonly rewrite: boolean;
}

export interface Decoded {
  /** Null: the image can be sent as it is. */
  readonly bytes: Uint8Array | null;
}

/** In milliseconds. */
const PATIENCE_MS = 30_000;

let last: Promise<unknown> = Promise.resolve();

/** Throws `tool.image`. */
export function decodeImage(task: DecodeTask, patienceMs = PATIENCE_MS): Promise<Decoded> {
  const done = last.then(() => runWorker(task, patienceMs));
  last = done.catch(() => undefined);
  return done;
}

function runWorker(task: DecodeTask, patienceMs: number): Promise<Decoded> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(path.join(packageRoot(), 'dist', 'images', 'worker.cjs'), {
      workerData: task,
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: 256 },
    });
    const timer = setTimeout(() => {
      end(() => reject(imageError('decoding the image takes too long')));
    }, patienceMs);
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      void worker.terminate();
      settle();
    };
    worker.on('message', (decoded: Decoded) => end(() => resolve(decoded)));
    // Whatever the decoder died of: nobody can look at this image.
    worker.on('error', (error: NodeJS.ErrnoException) =>
      end(() =>
        reject(
          error.code === 'MODULE_NOT_FOUND' || error.code === 'ENOENT'
            ? imageError(
                'the image decoder is missing: codexd is not installed completely, or was replaced while it ran',
              )
            : imageError(INVALID_IMAGE),
        ),
      ),
    );
    worker.on('exit', () => end(() => reject(imageError(INVALID_IMAGE))));
  });
}
