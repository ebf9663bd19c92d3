/**
 * The part of a request's input that an endpoint refuses, read from its error. Servers name a place
 * (`input[3].content`, `messages.5`), an id, a type, or an unreadable value. The sender of the history omits that part
 * and sends the request again (context/accepted-provider.ts).
 */

export type Refused =
  /** Encrypted reasoning of another account or endpoint. */
  | { readonly kind: 'encrypted' }
  /** Reasoning as plain text. */
  | { readonly kind: 'reasoning-text' }
  /** Parts of messages and outputs of this type (`input_image`). */
  | { readonly kind: 'parts'; readonly type: string }
  /** `items`: indexes in the request's input. `path`: members and indexes below them, as the endpoint wrote them. */
  | { readonly kind: 'place'; readonly items: readonly number[]; readonly path: readonly string[] }
  /** The id of an item refers to another one that the endpoint does not have. */
  | { readonly kind: 'id'; readonly of: string }
  /** What is quoted: ids or types of items may be among it. */
  | { readonly kind: 'named'; readonly names: readonly string[] };

export interface RefusalWords {
  readonly code?: unknown;
  readonly param?: unknown;
  /** Everything that the endpoint says. */
  readonly words: string;
}

/** In characters: an error says what it is about at its beginning. */
const MOST_READ = 4000;

/** `input[3]`, `messages.5`, `("body", "input", 3`; and what follows it. */
const PLACE =
  /\b(?:input|messages)\b(?:\s*\[\s*(\d+)\s*\]|\.(\d+)\b|['"]\s*,\s*(?:['"][^'",]{1,200}['"]\s*,\s*)?(\d+)\b)((?:\.\w+|\[['"]?\w+['"]?\]|\s*,\s*(?:['"]\w+['"]|\d+))*)/;
/** Groq names the member after the place. */
const PROPERTY = /\bproperty '(\w+)' is (?:unsupported|not supported)/i;
const ENCRYPTED = /encrypted[ _]content\b[\s\S]*\b(?:verified|decrypted|parsed|invalid|unknown key)/i;
const UNPAIRED = /'([^']+)' of type '[^']+' was provided without its required/;
const REASONING_TEXT = /\breasoning[ _](?:content|text)\b|\bthinking blocks?\b/i;
/** In which servers say that a model takes no images. A history without images is not refused for them. */
const IMAGES = new RegExp(
  [
    String.raw`(?:n't|\bnot|\bnever|\bcannot|\bno) (?:\w+ ){0,3}(?:support|accept|take|process|handle|understand|allow|read)\w*\b[^.\n]{0,60}\b(?:images?|image_url|input_image|vision|visual|multi-?modal)`,
    String.raw`\b(?:images?|image_url|input_image|vision|visual|multi-?modal)\b[^.\n]{0,60}(?:n't|\bnot|\bonly) (?:be |currently |yet )?(?:support|accept|allow|enabl|availabl|permit)`,
    String.raw`\bunsupported (?:content )?(?:type:? )?['"\`]?(?:images?|image_url|input_image)\b`,
    String.raw`\bnot an? (?:multi-?modal|vision)\b|\btext-only model|\bat most 0 images?\b|\bno endpoints? [^.\n]{0,20}support image`,
    String.raw`\bunknown variant ['"\`]?(?:image_url|input_image|image)\b`,
  ].join('|'),
  'i',
);
/** What is quoted, and what looks like an id of an item. */
const NAMES = /['"`‘“]([\w-]{2,200})['"`’”]|\b((?:call|fc|rs|msg|ws|ctc)_[\w-]{4,200})/g;

/** Null: it is not about an item of the input, as far as it says. */
export function refusedIn({ code, param, words }: RefusalWords): Refused | null {
  const said = words.slice(0, MOST_READ);
  if (code === 'invalid_encrypted_content' || ENCRYPTED.test(said)) return { kind: 'encrypted' };
  if (IMAGES.test(said)) return { kind: 'parts', type: 'input_image' };
  const unpaired = UNPAIRED.exec(said)?.[1];
  if (unpaired !== undefined) return { kind: 'id', of: unpaired };
  const place = placeIn(typeof param === 'string' ? param : '') ?? placeIn(said);
  if (place !== null) {
    const property = PROPERTY.exec(said)?.[1];
    return property === undefined || place.path.includes(property)
      ? place
      : { ...place, path: [...place.path, property] };
  }
  // A parameter of the whole request is not an item.
  if (typeof param === 'string' && param !== '' && !/^(?:input|messages)$/.test(param)) return null;
  if (REASONING_TEXT.test(said)) return { kind: 'reasoning-text' };
  const names = [...said.matchAll(NAMES)].map(([, quoted, id]) => (quoted ?? id) as string);
  return names.length > 0 ? { kind: 'named', names } : null;
}

function placeIn(text: string): Extract<Refused, { kind: 'place' }> | null {
  const found = PLACE.exec(text);
  if (found === null) return null;
  const [, bracketed, dotted, listed, rest = ''] = found;
  const index = Number(bracketed ?? dotted ?? listed);
  return { kind: 'place', items: [index], path: rest.match(/\w+/g) ?? [] };
}
