/** Warns that `transparent_tcp` (since 0.171) has no effect yet: without it a command only has less network. */
import type { PermissionProfile } from '../permissions/permission-profile.js';
import type { CommandSettings } from './command-settings.js';
import { proxiedPolicy } from './unix-socket-warnings.js';

/** One sentence, or none. */
export const transparentTcpWarnings = (settings: CommandSettings, profile: PermissionProfile): string[] =>
  proxiedPolicy(settings, profile)?.transparentTcp === true
    ? [
        '`transparent_tcp = true` has no effect: only programs that use a proxy (HTTP_PROXY, ALL_PROXY) reach allowed hosts; the others have no network. Tell the program to use the proxy, or use a profile whose network does not go through it.',
      ]
    : [];
