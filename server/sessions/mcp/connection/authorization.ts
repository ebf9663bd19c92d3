/**
 * What a login at an MCP server and a refresh ask of authorization servers, with the SDK's functions
 * (docs/decisions/mcp-sdk.md, docs/protocol/services.md §7 "OAuth").
 */
import {
  exchangeAuthorization,
  IssuerMismatchError,
  OAuthError,
  OAuthErrorCode,
  refreshAuthorization,
  registerClient,
  RegistrationRejectedError,
  startAuthorization,
  type AuthorizationServerMetadata,
  type OAuthTokens,
} from '@modelcontextprotocol/client';
import { isCodexdError } from '../../../errors/codexd-error.js';
import { messageOf } from '../../../errors/message-of.js';
import { refused, type OauthHttp } from './oauth-http.js';

/** An authorization server that gives out tokens for an MCP server. */
export interface Authorization {
  readonly issuer: string;
  /** For which resource the tokens are (RFC 8707); null: the server knows. */
  readonly resource: string | null;
  /** What the server says that it needs. */
  readonly scopes: readonly string[];
  /** Registers codexd. Throws `mcp.login`. */
  register(client: { readonly redirectUrl: string; readonly scopes: readonly string[] }): Promise<OauthClient>;
  /** The address for the person's browser, and what proves later that the answer is ours. Throws `mcp.login`. */
  request(of: AuthorizationRequest): Promise<{ readonly url: URL; readonly verifier: string }>;
  /** Throws `mcp.login`. */
  exchange(of: CodeExchange): Promise<Grant>;
  /** Null: the refresh token is not valid any more. Throws `mcp.login` when it is not known. */
  refresh(client: OauthClient, refreshToken: string, scopes: readonly string[]): Promise<Grant | null>;
}

export interface OauthClient {
  readonly id: string;
  /** Null: a public client. */
  readonly secret: string | null;
}

export interface AuthorizationRequest {
  readonly client: OauthClient;
  readonly redirectUrl: string;
  readonly scopes: readonly string[];
  readonly state: string;
  /** A further resource; null: none. */
  readonly also: string | null;
}

export interface CodeExchange {
  readonly client: OauthClient;
  readonly redirectUrl: string;
  readonly code: string;
  readonly verifier: string;
  /** The parameter `iss` of the browser's answer (RFC 9207); null: it had none. */
  readonly issuer: string | null;
}

export interface Grant {
  readonly accessToken: string;
  /** Null: none came. */
  readonly refreshToken: string | null;
  /** In seconds; null: nobody said. */
  readonly expiresIn: number | null;
  /** Null: those that were asked for. */
  readonly scopes: readonly string[] | null;
  /** Who signed in, as the server says it (OpenID Connect); null: it does not. */
  readonly idToken: string | null;
}

/** `metadata`: as it came; nobody has judged its PKCE methods. */
export function authorizationOf(
  http: OauthHttp,
  metadata: AuthorizationServerMetadata,
  resource: string | null,
  scopes: readonly string[],
): Authorization {
  const { issuer } = metadata;
  const fetchFn = http.fetch;
  const target = resource === null ? {} : { resource };
  const asked = <T>(work: Promise<T>, what: string): Promise<T> =>
    work.catch((error: unknown) => {
      throw explained(error, what);
    });
  return {
    issuer,
    resource,
    scopes,
    async register({ redirectUrl, scopes: wanted }) {
      checkPkce(metadata);
      if (metadata.registration_endpoint === undefined)
        throw refused(`${REGISTRATION}Registration failed: Dynamic client registration not supported`);
      const clientMetadata = {
        client_name: 'Codex',
        redirect_uris: [redirectUrl],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'none',
        response_types: ['code'],
        ...(wanted.length === 0 ? {} : { scope: wanted.join(' ') }),
        application_type: 'native',
      };
      const made = await asked(registerClient(issuer, { metadata, clientMetadata, fetchFn }), REGISTRATION);
      return { id: made.client_id, secret: made.client_secret ?? null };
    },
    async request({ client, redirectUrl, scopes: wanted, state, also }) {
      checkPkce(metadata);
      const scope = wanted.length === 0 ? {} : { scope: wanted.join(' ') };
      const clientInformation = informationOf(client);
      const started = startAuthorization(issuer, {
        metadata,
        clientInformation,
        redirectUrl,
        state,
        ...target,
        ...scope,
      });
      const { authorizationUrl: url, codeVerifier: verifier } = await asked(started, '');
      if (also !== null) url.searchParams.append('resource', also);
      return { url, verifier };
    },
    async exchange({ client, redirectUrl, code, verifier, issuer: iss }) {
      const tokens = await asked(
        exchangeAuthorization(issuer, {
          metadata,
          clientInformation: informationOf(client),
          authorizationCode: code,
          codeVerifier: verifier,
          redirectUri: redirectUrl,
          ...target,
          ...(iss === null ? {} : { iss }),
          fetchFn,
        }),
        'failed to handle OAuth callback: OAuth token exchange failed: ',
      );
      return grantOf(tokens);
    },
    async refresh(client, refreshToken, granted) {
      try {
        const clientInformation = informationOf(client);
        const scope = granted.length === 0 ? {} : { scope: granted.join(' ') };
        return grantOf(
          await refreshAuthorization(issuer, {
            metadata,
            clientInformation,
            refreshToken,
            ...target,
            ...scope,
            fetchFn,
          }),
        );
      } catch (error) {
        if (error instanceof OAuthError && GONE.has(error.code)) return null;
        throw explained(error, 'OAuth token refresh failed: ');
      }
    },
  };
}

/** Answers that no later try changes: the person has to log in. */
const GONE: ReadonlySet<string> = new Set([
  OAuthErrorCode.InvalidGrant,
  OAuthErrorCode.InvalidClient,
  OAuthErrorCode.UnauthorizedClient,
]);

const REGISTRATION = 'Registration failed: Dynamic registration failed: ';

/** A server that does not say which methods it has is asked with S256 all the same. */
function checkPkce({ code_challenge_methods_supported: methods }: AuthorizationServerMetadata): void {
  if (methods === undefined || methods.includes('S256')) return;
  throw refused(`${REGISTRATION}Authorization server does not support the required PKCE code challenge method (S256)`);
}

const informationOf = ({ id, secret }: OauthClient) => ({
  client_id: id,
  ...(secret === null ? {} : { client_secret: secret }),
});

const grantOf = ({ access_token, refresh_token, expires_in, scope, id_token }: OAuthTokens): Grant => ({
  idToken: id_token ?? null,
  accessToken: access_token,
  refreshToken: refresh_token ?? null,
  expiresIn: expires_in ?? null,
  scopes: scope === undefined ? null : scope.split(' ').filter((one) => one !== ''),
});

/** The words of the official program where it has some. */
export function explained(error: unknown, what: string): unknown {
  if (isCodexdError(error)) return error;
  if (error instanceof RegistrationRejectedError)
    return refused(`${what}Registration failed: HTTP ${error.status}: ${error.body.slice(0, MAX_QUOTED)}`);
  if (error instanceof OAuthError) {
    return refused(`${what}Server returned error response: ${error.code}: ${brief(error)}`);
  }
  if (error instanceof IssuerMismatchError)
    return refused(`Authorization server issuer mismatch: expected ${error.expected}, received ${error.received}`);
  return refused(`${what}${brief(error)}`);
}

/** Of what a server says, in characters. */
const MAX_QUOTED = 300;

/** What is no JSON may be a token: it is not quoted. */
export const brief = (error: unknown): string =>
  error instanceof SyntaxError ? 'the answer is no JSON' : messageOf(error).slice(0, MAX_QUOTED);
