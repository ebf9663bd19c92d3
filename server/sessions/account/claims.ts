/** What the tokens of an account say about the person. Nobody checks their signature: the endpoints do. */
import type { PlanType } from '../../../schema/protocol/services/account.js';
import { isObject } from '../../system/node/objects.js';

export interface Claims {
  readonly email: string | null;
  readonly plan: PlanType;
  readonly userId: string | null;
  /** The workspace. */
  readonly accountId: string | null;
  /** When the token ends, in milliseconds since 1970; null: it does not say. */
  readonly expiresAt: number | null;
}

/** The namespaces of the vendor's claims. */
const AUTH = 'https://api.openai.com/auth';
const PROFILE = 'https://api.openai.com/profile';

/** Null: it is no token of this kind. */
export function claimsOf(token: string): Claims | null {
  const claims = payloadOf(token);
  if (claims === null) return null;
  const auth = objectAt(claims, AUTH);
  const text = (...values: unknown[]): string | null =>
    values.find((value): value is string => typeof value === 'string' && value !== '') ?? null;
  return {
    email: text(claims.email, objectAt(claims, PROFILE).email),
    plan: planOf(auth.chatgpt_plan_type),
    userId: text(auth.chatgpt_user_id, auth.user_id),
    accountId: text(auth.chatgpt_account_id),
    expiresAt: typeof claims.exp === 'number' ? claims.exp * 1000 : null,
  };
}

/** The second part of a JWT. Null: not every issuer gives out tokens that can be read. */
function payloadOf(token: string): Readonly<Record<string, unknown>> | null {
  const parts = token.split('.');
  if (parts.length !== 3) return null;
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString());
    return isObject(claims) ? claims : null;
  } catch {
    return null;
  }
}

/** A plan that is not known is `unknown`. */
export const planOf = (said: unknown): PlanType => (isPlan(said) ? said : 'unknown');

const isPlan = (said: unknown): said is PlanType => typeof said === 'string' && Object.hasOwn(PLANS, said);

/** All of the protocol: one that is missing does not compile. */
const PLANS: Readonly<Record<PlanType, true>> = {
  free: true,
  go: true,
  plus: true,
  pro: true,
  prolite: true,
  promax: true,
  team: true,
  self_serve_business_prolite: true,
  self_serve_business_usage_based: true,
  business: true,
  ent26: true,
  enterprise_cbp_automation: true,
  enterprise_cbp_usage_based: true,
  enterprise: true,
  edu: true,
  edu_plus: true,
  edu_pro: true,
  sci: true,
  sci_plus: true,
  unknown: true,
};

function objectAt(value: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, unknown>> {
  const found = value[key];
  return isObject(found) ? found : {};
}
