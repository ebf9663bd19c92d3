/** Images as parts of what a model reads (docs/protocol/turns.md §1 "Images"). */
import { isCode } from '../../../errors/codexd-error.js';
import { ORIGINAL_LIMITS, USUAL_LIMITS } from '../../../images/fit-size.js';
import { imageError, INVALID_IMAGE } from '../../../images/decode-image.js';
import { prepareImage } from '../../../images/prepare-image.js';
import type { ModelInfo } from '../../model/model-info.js';

export type Part = { readonly type: string; readonly [member: string]: unknown };
/** What the model takes of images. */
export type ImageTaking = Pick<ModelInfo, 'images' | 'originalImages'>;

/** What stands in the place of an image that nobody can look at. */
const OMITTED = 'image content omitted because it could not be processed';
const NO_IMAGES = 'image content omitted because you do not support image input';
const LOW = "image content omitted because detail 'low' is not supported; use 'high', 'original', or 'auto'";
export const REMOTE_IMAGE = 'remote image URLs are not supported; use an inline data URL instead';

export const isRemoteImage = (url: string): boolean => /^https?:/i.test(url);

/** The image, or words that say why there is none. */
export async function imagePart(image: Buffer | string, detail: string, model: ImageTaking): Promise<Part> {
  const words = (text: string): Part => ({ type: 'input_text', text });
  if (!model.images) return words(NO_IMAGES);
  if (detail === 'low') return words(LOW);
  try {
    return await wholeImagePart(typeof image === 'string' ? bytesOf(image) : image, detail, model);
  } catch (error) {
    if (isCode(error, 'tool.image')) return words(OMITTED);
    throw error;
  }
}

/** Throws `tool.image` for what is no image. `detail` as it was asked for. */
export async function wholeImagePart(bytes: Buffer, detail: string, model: ImageTaking): Promise<Part> {
  const original = detail === 'original';
  const url = await prepareImage(bytes, original ? ORIGINAL_LIMITS : USUAL_LIMITS);
  return { type: 'input_image', image_url: url, detail: original && !model.originalImages ? 'high' : detail };
}

/** Of a data URL. The type that it names does not matter. */
function bytesOf(url: string): Buffer {
  const found = /^data:[^,]*;base64,(?<data>[A-Za-z0-9+/=_-]*)$/i.exec(url);
  if (found === null) throw imageError(INVALID_IMAGE);
  return Buffer.from(found.groups?.data ?? '', 'base64');
}
