/** The version of codexd; a test compares it with package.json. */
export const CODEXD_VERSION = '0.2.0';

/**
 * The protocol version of codexd. Clients parse it from `--version` and from the user agent, and choose features by it
 * (docs/protocol/clients.md §1.1).
 */
export const PROTOCOL_VERSION = '0.171.0';
