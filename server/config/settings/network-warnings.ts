/**
 * Warns about network settings that are accepted and have no effect.
 *
 * Rule: a key that makes limits narrower is enforced, or stops the command (shape/enforcement.ts). A key that makes
 * them wider may have no effect, because programs that work without it must keep working; then a warning says so.
 */
import type { PermissionProfile } from '../permissions/permission-profile.js';
import type { CommandSettings } from './command-settings.js';
import { proxiedPolicy, unixSocketWarnings } from './unix-socket-warnings.js';

const OWN_LISTENERS = 'each command has listeners of its own, whose addresses are in its environment';

/** Why each key has no effect. */
const WHY: Readonly<Record<string, readonly [written: string, why: string]>> = {
  enable_socks5_udp: [
    'enable_socks5_udp = true',
    'the proxy relays TCP alone and answers UDP ASSOCIATE with "command not supported"',
  ],
  dangerously_allow_non_loopback_proxy: [
    'dangerously_allow_non_loopback_proxy = true',
    'the proxy listens on the loopback interface of each command alone',
  ],
  proxy_url: ['proxy_url', OWN_LISTENERS],
  socks_url: ['socks_url', OWN_LISTENERS],
  http_port: ['http_port', OWN_LISTENERS],
  socks_port: ['socks_port', OWN_LISTENERS],
};

/** One sentence for each; empty if the network of the profile does not use the proxy. */
export function networkWarnings(settings: CommandSettings, profile: PermissionProfile): string[] {
  const keys = proxiedPolicy(settings, profile)?.withoutEffect ?? [];
  const others = keys.map((key) => {
    const [written, why] = WHY[key] ?? [key, 'codexd does not follow it'];
    return `\`${written}\` of the network settings has no effect: ${why}.`;
  });
  return [...unixSocketWarnings(settings, profile), ...others];
}
