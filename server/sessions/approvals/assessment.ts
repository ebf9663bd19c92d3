/** The answer of the automatic reviewer (docs/protocol/network.md §5). */
import type { GuardianRiskLevel, GuardianUserAuthorization } from '../../../schema/protocol/approvals/guardian.js';
import { isObject } from '../../system/node/objects.js';

export interface Assessment {
  readonly outcome: 'allow' | 'deny';
  readonly riskLevel: GuardianRiskLevel;
  readonly userAuthorization: GuardianUserAuthorization;
  readonly rationale: string;
}

const RISKS: readonly GuardianRiskLevel[] = ['low', 'medium', 'high', 'critical'];
const AUTHORIZATIONS: readonly GuardianUserAuthorization[] = ['unknown', 'low', 'medium', 'high'];

export const ASSESSMENT_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    risk_level: { type: 'string', enum: RISKS },
    user_authorization: { type: 'string', enum: AUTHORIZATIONS },
    outcome: { type: 'string', enum: ['allow', 'deny'] },
    rationale: { type: 'string' },
  },
  required: ['outcome'],
};

/** The members for a reviewer that returns only its verdict. */
const SILENT = {
  allow: { riskLevel: 'low', rationale: 'Auto-review returned a low-risk allow decision.' },
  deny: { riskLevel: 'high', rationale: 'Auto-review returned a deny decision without a rationale.' },
} as const;

/**
 * Null: the text is not an assessment. A Markdown fence around it is removed. An object inside other text is not used,
 * because the reviewer may only quote it.
 */
export function assessmentOf(text: string): Assessment | null {
  const found = parsed(/^\s*```(?:json)?\n(.*)\n```\s*$/s.exec(text)?.[1] ?? text);
  if (found === null) return null;
  const { outcome, risk_level: risk, user_authorization: authorization, rationale } = found;
  if (outcome !== 'allow' && outcome !== 'deny') return null;
  const riskLevel = risk === undefined ? SILENT[outcome].riskLevel : RISKS.find((level) => level === risk);
  const userAuthorization = authorization === undefined ? 'unknown' : AUTHORIZATIONS.find((a) => a === authorization);
  if (riskLevel === undefined || userAuthorization === undefined) return null;
  const said = typeof rationale === 'string' ? rationale.trim() : '';
  return { outcome, riskLevel, userAuthorization, rationale: said === '' ? SILENT[outcome].rationale : said };
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null; // the caller handles null
  }
}
