/** Where an MCP server says that one logs in (docs/protocol/services.md §7, "OAuth"). */
import {
  checkResourceAllowed,
  discoverAuthorizationServerMetadata,
  discoverOAuthProtectedResourceMetadata,
  extractWWWAuthenticateParams,
  IssuerMismatchError,
  type AuthorizationServerMetadata,
} from '@modelcontextprotocol/client';
import { authorizationOf, brief, explained, type Authorization } from './authorization.js';
import { checkUrl, oauthHttp, refused, type OauthHttp, type OauthHttpOptions } from './oauth-http.js';

/**
 * Null: the server names no authorization server. Throws `mcp.login`, the connection's error, or the signal's reason.
 */
export async function findAuthorization(options: OauthHttpOptions): Promise<Authorization | null> {
  const http = oauthHttp(options);
  const { server } = options;
  const probed = await http.probe();
  const challenge = probed.status === 401 ? extractWWWAuthenticateParams(probed) : {};
  const resource = await protectedResource(http, server, challenge.resourceMetadataUrl ?? null);
  const metadata =
    resource === null ? await ownMetadata(http, server) : await metadataOf(http, resource.servers, resource.at);
  if (metadata === null) return null;
  checkMetadata(metadata);
  const scopes =
    challenge.scope?.split(' ') ?? resource?.scopes ?? metadata.scopes_supported ?? ([] as readonly string[]);
  return authorizationOf(http, metadata, resource?.name ?? withoutFragment(server), scopes);
}

interface ProtectedResource {
  readonly at: string;
  readonly name: string;
  readonly servers: readonly string[];
  readonly scopes: readonly string[] | undefined;
}

/** The metadata about the server itself (RFC 9728), at the first place that has it; null: nowhere. */
async function protectedResource(http: OauthHttp, server: URL, named: URL | null): Promise<ProtectedResource | null> {
  const path = server.pathname.replace(/\/$/, '');
  const places = [
    ...(named === null ? [] : [named.href]),
    ...new Set([`${WELL_KNOWN}${path}`, `${path}${WELL_KNOWN}`, WELL_KNOWN].map((at) => new URL(at, server).href)),
  ];
  for (const at of places) {
    let status = 0;
    const watched: OauthHttp['fetch'] = async (url, init) => {
      const answer = await http.fetch(url, init);
      ({ status } = answer);
      return answer;
    };
    const found = await discoverOAuthProtectedResourceMetadata(server, { resourceMetadataUrl: at }, watched).catch(
      (error: unknown) => {
        // A place without metadata is an ordinary answer; a connection that fails is none.
        if (status >= 400 && status < 500) return null;
        throw status === 0 ? error : refused(`the metadata at ${at} cannot be used: ${brief(error)}`);
      },
    );
    // Metadata about another resource is none about this one.
    if (found === null || !isAbout(found.resource, server)) continue;
    const servers = found.authorization_servers ?? [];
    if (servers.length > 0) return { at, name: found.resource, servers, scopes: found.scopes_supported };
  }
  return null;
}

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

const isAbout = (resource: string, server: URL): boolean =>
  URL.canParse(resource) && checkResourceAllowed({ requestedResource: server, configuredResource: resource });

/** Of the first of these servers that has some. */
async function metadataOf(
  http: OauthHttp,
  servers: readonly string[],
  at: string,
): Promise<AuthorizationServerMetadata> {
  let problem: unknown = null;
  for (const issuer of servers.slice(0, MAX_SERVERS)) {
    if (!URL.canParse(issuer)) continue;
    checkUrl(new URL(issuer));
    try {
      const metadata = await discoverAuthorizationServerMetadata(issuer, { fetchFn: http.fetch });
      if (metadata !== undefined) return metadata;
    } catch (error) {
      problem ??= error;
    }
  }
  if (problem !== null) throw explained(problem, 'Metadata error: ');
  throw refused(
    `Metadata error: protected resource metadata at ${at} names authorization servers ${servers.join(', ')}, but none published usable metadata`,
  );
}

const MAX_SERVERS = 5;

/** Servers before RFC 9728 are their own authorization servers. */
async function ownMetadata(http: OauthHttp, server: URL): Promise<AuthorizationServerMetadata | null> {
  for (const issuer of new Set([withoutFragment(server), `${server.origin}/`])) {
    try {
      const metadata = await discoverAuthorizationServerMetadata(issuer, { fetchFn: http.fetch });
      if (metadata !== undefined) return metadata;
    } catch (error) {
      // A server that answers every path with the metadata of its root.
      if (!(error instanceof IssuerMismatchError) || issuer === `${server.origin}/`)
        throw explained(error, 'Metadata error: ');
    }
  }
  return null;
}

const withoutFragment = (url: URL): string => (url.hash === '' ? url.href : url.href.slice(0, -url.hash.length));

/** Throws `mcp.login` for endpoints that must not get a secret, and for a browser's address that cannot be opened. */
function checkMetadata(metadata: AuthorizationServerMetadata): void {
  const { issuer, authorization_endpoint, token_endpoint, registration_endpoint } = metadata;
  for (const url of [issuer, authorization_endpoint, token_endpoint, registration_endpoint])
    if (url !== undefined) checkUrl(new URL(url));
}
