/**
 * A capability for `capabilities.extensions`. A client that declares it may list and watch the commands and questions of
 * every client, and act on them where the daemon's configuration allows it (docs/protocol-extensions.md, "Operators").
 */
export const OPERATOR_CAPABILITY = 'codexd/operator';
