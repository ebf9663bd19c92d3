/**
 * userVerification/* (docs/protocol/services.md §13): a key that a person's finger or password unlocks. codexd has none
 * on any system, so it answers what the official program answers where there is none.
 */
import { defineMethods } from '../../rpc/connection/define-methods.js';
import { invalidParams, RpcError } from '../../errors/rpc-error.js';

const UNAVAILABLE = 'User verification is not available in this build or account.';
/** In bytes. */
const LIMITS = { challenge: 4096, title: 256, description: 4096 } as const;

export const userVerificationMethods = defineMethods((_deps: unknown) => ({
  'userVerification/status': () => ({
    credentialId: null,
    unavailableReason: 'providerUnavailable',
    unavailableMessage: UNAVAILABLE,
  }),
  'userVerification/enroll': () => refuse(),
  'userVerification/delete': () => refuse(),
  'userVerification/verify': ({ challenge, title, description }) => {
    const bytes = decoded(challenge);
    const fits =
      bytes !== null &&
      between(bytes.length, 1, LIMITS.challenge) &&
      between(Buffer.byteLength(title), 1, LIMITS.title) &&
      between(Buffer.byteLength(description), 0, LIMITS.description);
    if (!fits) {
      throw invalidParams('Invalid verification challenge or display text.', {
        type: 'invalidRequest',
        reason: 'invalidParams',
      });
    }
    return refuse();
  },
  // Nothing is under way, and an unknown request is no error (docs/protocol/services.md §13).
  'userVerification/cancel': () => ({}),
}));

function refuse(): never {
  throw new RpcError('request.failed', UNAVAILABLE, { data: { type: 'unavailable', reason: 'providerUnavailable' } });
}

/** Base64url without padding; null: the text is none. */
function decoded(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}

const between = (value: number, least: number, most: number): boolean => value >= least && value <= most;
