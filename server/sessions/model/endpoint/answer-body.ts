/** Decodes the body of an endpoint's answer, which servers and gateways may compress. */
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import zlib from 'node:zlib';
import { streamError } from '../provider/model-errors.js';

/** `encoding`: the header `content-encoding`. Throws ModelError for an unsupported one. */
export function plainBody(body: Readable, encoding: string | undefined): Readable {
  const names = (encoding ?? '').split(',').map((name) => name.trim().toLowerCase());
  return names.reverse().reduce((inner, name) => {
    if (name === '' || name === 'identity') return inner;
    const decoder = DECODERS[name]?.() ?? null;
    if (decoder === null)
      throw streamError(`the endpoint compressed its answer as \`${name}\`, which is not supported`);
    // The reader of the decoder receives errors. If it stops reading, both streams are destroyed.
    pipeline(inner, decoder, () => {});
    return decoder;
  }, body);
}

type Decoder = zlib.Gunzip | zlib.BrotliDecompress | zlib.Inflate;

/** Decodes all bytes that have arrived: an event must not wait for the next block. */
const AT_ONCE = { flush: zlib.constants.Z_SYNC_FLUSH, finishFlush: zlib.constants.Z_SYNC_FLUSH };

const DECODERS: Readonly<Record<string, () => Decoder | null>> = {
  gzip: () => zlib.createGunzip(AT_ONCE),
  'x-gzip': () => zlib.createGunzip(AT_ONCE),
  deflate: () => zlib.createInflate(AT_ONCE),
  br: () =>
    zlib.createBrotliDecompress({
      flush: zlib.constants.BROTLI_OPERATION_FLUSH,
      finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH,
    }),
  zstd,
};

/** Node has zstd since 22.15. */
function zstd(): Decoder | null {
  const { createZstdDecompress } = zlib as { createZstdDecompress?: () => Decoder };
  return createZstdDecompress?.() ?? null;
}
