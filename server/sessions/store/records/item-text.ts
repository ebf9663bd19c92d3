/** The text of an item's parts. A part is JSON of any form, because a server or another program wrote it. */
import { isObject } from '../../../system/node/objects.js';

/** A part of a message's content, or of a call's output. */
export type ItemPart = Readonly<Record<string, unknown>>;

/** The parts of a list. Other values are skipped. */
export const partsIn = (list: unknown): readonly ItemPart[] => (Array.isArray(list) ? list.filter(isObject) : []);

/** The texts of the parts, in their order. `refusals`: a refusal of the model counts as a text. */
export function textsIn(parts: unknown, { refusals = false } = {}): string[] {
  return partsIn(parts).flatMap((part) => {
    const text = part['text'] ?? (refusals ? part['refusal'] : undefined);
    return typeof text === 'string' ? [text] : [];
  });
}

/** All text of the parts. */
export const textIn = (parts: unknown): string => textsIn(parts).join('');
