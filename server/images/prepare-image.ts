/** Images as models get them: decoded once, and not larger than models look at (docs/protocol/turns.md §1 "Images"). */
import { fitSize, type ImageLimits } from './fit-size.js';
import { decodeImage, imageError, INVALID_IMAGE } from './decode-image.js';
import { readImageHeader, type ImageFormat } from './image-header.js';

/** More would take gigabytes while it is decoded; 8192 × 8192 is less. */
const MAX_PIXELS = 70_000_000;

/** As a data URL. Throws `tool.image` for what cannot be decoded whole, and for what is too large to be decoded. */
export async function prepareImage(bytes: Buffer, limits: ImageLimits): Promise<string> {
  const header = readImageHeader(bytes);
  if (header === null) throw imageError(INVALID_IMAGE);
  const { format, width, height } = header;
  if (width * height > MAX_PIXELS)
    throw imageError(`the image has ${width} × ${height} pixels, and more than ${MAX_PIXELS} are not decoded`);
  // A moving picture becomes its first one.
  const rewrite = format === 'gif';
  const { bytes: written } = await decodeImage({ bytes, header, size: fitSize(header, limits), rewrite });
  const kind: ImageFormat = rewrite ? 'png' : format;
  return `data:image/${kind};base64,${(written === null ? bytes : Buffer.from(written)).toString('base64')}`;
}
