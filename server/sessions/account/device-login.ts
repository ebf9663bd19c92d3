/** A login with a code that the person enters in a browser anywhere (docs/guide/sign-in.md). */
import { setTimeout as sleep } from 'node:timers/promises';
import { CodexdError } from '../../errors/codexd-error.js';
import type { LoginOptions } from './browser-login.js';
import { authorizationAt, issuerFetch, postJson } from './issuer.js';
import { storeGrant, type PendingLogin } from './new-login.js';

export interface DeviceLogin extends PendingLogin {
  readonly verificationUrl: string;
  readonly userCode: string;
}

/** For the person, in milliseconds. */
const PATIENCE_MS = 15 * 60_000;
/** Between two questions, in seconds. */
const USUAL_INTERVAL = 5;
const LONGEST_INTERVAL = 60;
/** The person has not entered the code yet. */
const PENDING: readonly number[] = [403, 404];

/** Throws `account.login`, `account.no-device-codes`, the connection's error, or the reason of `gone`. */
export async function startDeviceLogin(options: LoginOptions): Promise<DeviceLogin> {
  const { outbound, settings, gone } = options;
  const { issuer, clientId } = settings;
  const fetch = await issuerFetch(outbound, issuer, gone);
  const { status, body } = await postJson(fetch, `${issuer}/api/accounts/deviceauth/usercode`, { client_id: clientId });
  if (status === 404) {
    throw new CodexdError(
      'account.no-device-codes',
      'device code login is not enabled for this Codex server. Use the browser login or verify the server URL.',
    );
  }
  if (status >= 300) throw failed(`device code request failed with status ${status}`);
  const { device_auth_id: id, interval } = body;
  const userCode = body.user_code ?? body.usercode;
  if (typeof id !== 'string' || typeof userCode !== 'string') throw failed('the issuer gave no device code');
  const seconds = Math.min(Math.max(Number(interval) || USUAL_INTERVAL, 0), LONGEST_INTERVAL);
  const finish = async (): Promise<void> => {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const answer = await postJson(fetch, `${issuer}/api/accounts/deviceauth/token`, {
        device_auth_id: id,
        user_code: userCode,
      });
      if (answer.status < 300) return exchange(options, answer.body);
      if (!PENDING.includes(answer.status)) throw failed(`device auth failed with status ${answer.status}`);
      if (Date.now() + seconds * 1000 > end) throw failed('device auth timed out after 15 minutes');
      await sleep(seconds * 1000, undefined, { signal: gone }).catch(() => gone.throwIfAborted());
    }
  };
  return { verificationUrl: `${issuer}/codex/device`, userCode, done: finish() };
}

/** The issuer made the proof itself, and gives the verifier with the code. */
async function exchange(
  { codexHome, outbound, settings, gone }: LoginOptions,
  { authorization_code: code, code_verifier: verifier }: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (typeof code !== 'string' || typeof verifier !== 'string') throw failed('the issuer gave no authorization code');
  const authorization = await authorizationAt(outbound, settings, gone);
  const grant = await authorization.exchange({
    client: { id: settings.clientId, secret: null },
    redirectUrl: `${settings.issuer}/deviceauth/callback`,
    code,
    verifier,
    issuer: null,
  });
  gone.throwIfAborted();
  await storeGrant(codexHome, settings, grant);
}

const failed = (why: string): CodexdError => new CodexdError('account.login', why);
