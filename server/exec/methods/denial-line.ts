import type { NetworkDenial as WireDenial } from '../../../schema/protocol/common/network-denial.js';
import type { NetworkDenial } from '../../network-approval/registration/denial.js';

/**
 * The line that explains a refused network request to the command's reader: the last line of its stderr or terminal.
 * `midLine`: the output before does not end with a line end.
 */
export function denialLine({ message }: NetworkDenial, midLine: boolean, terminal: boolean): string {
  const newLine = terminal ? '\r\n' : '\n';
  return `${midLine ? newLine : ''}${message}${newLine}`;
}

/** Returns the denial as the response's `networkDenial` (docs/protocol-extensions.md). */
export function wireDenial({ host, port, protocol, reason, rule, source }: NetworkDenial): WireDenial {
  return { host, port, protocol, reason, rule, source };
}
