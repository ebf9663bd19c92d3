import { setImmediate as nextTurn } from 'node:timers/promises';
import { isCode } from '../errors/codexd-error.js';
import { invalidRequest } from '../errors/rpc-error.js';
import { assertBase64 } from '../exec/methods/base64.js';
import { PIECE_BYTES, type Content } from './overwrite.js';

const PIECE_SYMBOLS = (PIECE_BYTES / 3) * 4;

/**
 * The bytes of strict base64. The text is checked here, whole and piece by piece, so that nothing is written of a wrong
 * one, and other requests are served meanwhile. Throws RpcError with `refusal` before the reason.
 */
export async function base64Content(text: string, refusal: string): Promise<Content> {
  try {
    for (let at = 0; at < text.length || at === 0; at += PIECE_SYMBOLS) {
      assertBase64(text, at, at + PIECE_SYMBOLS);
      if (at + PIECE_SYMBOLS < text.length) await nextTurn();
    }
  } catch (error) {
    if (isCode(error, 'exec.base64')) throw invalidRequest(`${refusal}${error.message}`);
    throw error;
  }
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return {
    size: (text.length / 4) * 3 - padding,
    piece: (at) => Buffer.from(text.slice((at / 3) * 4, (at / 3) * 4 + PIECE_SYMBOLS), 'base64'),
  };
}
