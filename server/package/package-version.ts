/** codexd's own version; a test holds it equal to package.json. */
export const CODEXD_VERSION = '0.2.0';

/**
 * The protocol version that codexd speaks, as clients know it: they parse it out of `--version` and out of the user
 * agent, and choose features by it (docs/protocol/clients.md §1.1).
 */
export const PROTOCOL_VERSION = '0.169.0';
