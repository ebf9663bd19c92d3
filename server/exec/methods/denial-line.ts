import type { NetworkDenial as WireDenial } from '../../../schema/protocol/common/network-denial.js';
import type { NetworkDenial } from '../../network-approval/registration/denial.js';

/**
 * The line that tells a command's reader why the network was refused: the last of its stderr, or of its terminal.
 * `midLine`: the output before it does not end with a line's end.
 */
export function denialLine({ message }: NetworkDenial, midLine: boolean, terminal: boolean): string {
  const newLine = terminal ? '\r\n' : '\n';
  return `${midLine ? newLine : ''}${message}${newLine}`;
}

/** The denial as the response's `networkDenial` (docs/protocol-extensions.md). */
export function wireDenial({ host, port, protocol, reason, rule, source }: NetworkDenial): WireDenial {
  return { host, port, protocol, reason, rule, source };
}
