/** view_image: puts an image of the machine before the model (spec/turns.md §4). */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { osError } from './apply-patch/plan.js';
import { readArguments } from './arguments.js';
import { functionDefinition, text } from './definition.js';
import { imageData, ImageError } from './image-data.js';
import type { Tool, ToolOutput } from './tool.js';

/** What the endpoint takes in one request is less; more than this is no picture for it. */
const MAX_BYTES = 32 * 1024 * 1024;

export const viewImage: Tool = {
  name: 'view_image',
  definition: () =>
    functionDefinition(
      'view_image',
      'Shows you an image file of this machine (PNG, JPEG, GIF or WebP).',
      { path: text('The path of the file, absolute or relative to the working folder.') },
      ['path'],
    ),
  async run(call, { turn, state }): Promise<ToolOutput> {
    const asked = readArguments(call.input, { path: { kind: 'string', required: true } }).path;
    const file = path.resolve(state.wire.cwd, asked);
    let bytes: Buffer;
    try {
      // A pipe under the name must not keep us waiting.
      const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
      try {
        const stat = await handle.stat();
        if (!stat.isFile()) return `image path \`${file}\` is not a file`;
        if (stat.size > MAX_BYTES) return `unable to process image: larger than ${MAX_BYTES} bytes`;
        bytes = await handle.readFile();
      } finally {
        await handle.close();
      }
    } catch (error) {
      return `unable to locate image at \`${file}\`: ${osError(error)}`;
    }
    try {
      const content = [{ type: 'input_image', image_url: imageData(bytes), detail: 'high' }];
      turn.itemCompleted({ type: 'imageView', id: call.callId, path: file });
      return content;
    } catch (error) {
      if (error instanceof ImageError) return `unable to process image: ${error.message}`;
      throw error;
    }
  },
};
