/** view_image: shows the model an image of the machine (docs/protocol/turns.md §4). */
import { isCode } from '../../errors/codexd-error.js';
import path from 'node:path';
import { featureOn } from '../../config/shape/features.js';
import type { ModelInfoOf } from '../model/model-info.js';
import { osError } from './apply-patch/plan-patch.js';
import { readArguments } from '../tool-types/tool-arguments.js';
import { functionDefinition, text } from '../tool-types/definition.js';
import { wholeImagePart } from './files/image-data.js';
import { fileReader, MAX_IMAGE_BYTES, type FileReaderOptions } from './files/read-file.js';
import type { Tool, ToolOutput } from '../tool-types/tool.js';

export const viewImage = (options: FileReaderOptions, modelInfo: ModelInfoOf): Tool => ({
  name: 'view_image',
  definition: ({ table }) =>
    featureOn(table, 'view_image')
      ? functionDefinition(
          'view_image',
          'Shows you an image file of this machine (PNG, JPEG, GIF or WebP).',
          { path: text('The path of the file, absolute or relative to the working folder.') },
          ['path'],
        )
      : null,
  async run(call, context): Promise<ToolOutput> {
    const { turn, state, signal } = context;
    const asked = readArguments(call.input, { path: { kind: 'string', required: true } }).path;
    const file = path.resolve(state.wire.cwd, asked);
    const model = modelInfo(state);
    if (!model.images) return 'view_image is not allowed because you do not support image inputs';
    let bytes: Buffer;
    try {
      bytes = await fileReader(options, context, MAX_IMAGE_BYTES)(file);
    } catch (error) {
      signal.throwIfAborted();
      if (isCode(error, 'tool.not-a-file')) return `image path \`${file}\` is not a file`;
      if (isCode(error, 'tool.file-too-large')) return `unable to process image: ${error.message}`;
      return `unable to locate image at \`${file}\`: ${osError(error)}`;
    }
    try {
      const content = [await wholeImagePart(bytes, model.originalImages ? 'original' : 'high', model)];
      signal.throwIfAborted();
      turn.itemCompleted({ type: 'imageView', id: call.callId, path: file });
      context.responded?.({ response: content });
      return content;
    } catch (error) {
      if (isCode(error, 'tool.image')) return `unable to process image: ${error.message}`;
      throw error;
    }
  },
});
