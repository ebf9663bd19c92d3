/**
 * `[application.network]` of the requirements: which hosts the daemon itself may ask.
 *
 * Rule: what no pattern allows is denied, a denial wins, and a pattern that is not understood matches everything when
 * it denies and nothing when it allows. Scope: requests to model endpoints, the only ones that the daemon makes of its
 * own.
 */
import { matches } from '../../../network-approval/decide/rules.js';
import { parsePattern, type Pattern } from '../../../network-approval/decide/patterns.js';
import { canonicalHost } from '../../../network-approval/decide/targets.js';
import type { ApplicationNetwork } from '../../../config/requirements/model-requirements.js';

/** Whether the requirements let the daemon ask this address. */
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
