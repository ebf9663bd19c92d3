/**
 * Decodes one image in a thread of its own (scripts/image-decoder.mjs makes dist/images of it). The decoder is
 * WebAssembly: what an image makes of it stays in its own memory, and ends with the thread.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { PhotonImage, resize, SamplingFilter } from '@silvia-odwyer/photon-node';
import type { DecodeTask, Decoded } from './decode-image.js';
import { fault } from '../errors/fault.js';
import { turnPixels } from './turn-pixels.js';

/** What the official program writes, too. */
const JPEG_QUALITY = 85;

parentPort?.postMessage(decode(workerData as DecodeTask));

/** Throws what the decoder throws. */
function decode({ bytes, header, size, rewrite }: DecodeTask): Decoded {
  const image = PhotonImage.new_from_byteslice(bytes);
  if (image.get_width() !== header.width || image.get_height() !== header.height)
    throw fault('the decoder reads another size than the header has');
  const smaller = size.width !== header.width || size.height !== header.height;
  if (!smaller && !rewrite) return { bytes: null };
  const resized = smaller ? resize(image, size.width, size.height, SamplingFilter.Triangle) : image;
  const turned = upright(resized, header.orientation);
  switch (header.format) {
    case 'jpeg':
      return { bytes: turned.get_bytes_jpeg(JPEG_QUALITY) };
    case 'webp':
      return { bytes: turned.get_bytes_webp() };
    default:
      return { bytes: turned.get_bytes() };
  }
}

function upright(image: PhotonImage, orientation: number): PhotonImage {
  if (orientation === 1) return image;
  const { data, width, height } = turnPixels(
    { data: image.get_raw_pixels(), width: image.get_width(), height: image.get_height() },
    orientation,
  );
  return new PhotonImage(data, width, height);
}
