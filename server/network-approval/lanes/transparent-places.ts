/** Fixed places inside of a lane for `transparent_tcp`. */

/**
 * The port of the sockets that get every TCP connection. Below 1024: no command may listen there, as it has no
 * capability in the lane.
 */
export const TRANSPARENT_PORT = 1;

/** The resolver, as in the official program's sandbox (findings on 0.171, b.1). */
export const RESOLVER_ADDRESS = '127.0.0.53';
export const RESOLVER_PORT = 53;
