/**
 * `[application.network]` of the requirements: the hosts that the daemon itself may contact.
 *
 * Rule: a host that no pattern allows is denied, and a denial wins. A pattern that is not understood matches everything
 * if it denies, and nothing if it allows. Scope: requests to model endpoints, the only requests of the daemon itself.
 */
import { matches } from '../../../network-approval/decide/domain-rules.js';
import { parsePattern, type Pattern } from '../../../network-approval/decide/patterns.js';
import { canonicalHost } from '../../../network-approval/decide/targets.js';
import type { ApplicationNetwork } from '../../../config/requirements/model-requirements.js';

/** Whether the requirements allow the daemon to contact this address. */
export function mayAsk(url: URL, network: ApplicationNetwork | null): boolean {
  if (network === null) return true;
  const host = canonicalHost(url.hostname)?.text;
  if (host === undefined) return false;
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  const fits = (written: string, verdict: 'allow' | 'deny'): boolean => {
    let pattern: Pattern;
    try {
      pattern = parsePattern(written);
    } catch {
      return verdict === 'deny';
    }
    if (pattern.port !== null && pattern.port !== port) return false;
    if (pattern.kind === 'any') return true;
    return pattern.kind === 'exact' ? pattern.host === host : matches(pattern, host, 'spans-dots');
  };
  const rules = Object.entries(network.domains);
  return (
    !rules.some(([pattern, verdict]) => verdict === 'deny' && fits(pattern, 'deny')) &&
    rules.some(([pattern, verdict]) => verdict === 'allow' && fits(pattern, 'allow'))
  );
}
