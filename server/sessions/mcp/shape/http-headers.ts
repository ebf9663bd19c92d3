/** The configured headers of requests to a server. */
import { isCode } from '../../../errors/codexd-error.js';
import { messageOf } from '../../../errors/message-of.js';
import type { HttpTransport } from './server-config.js';

/** A text: why they cannot be made. */
export function httpHeaders(
  { headers, envHeaders, bearerTokenEnvVar }: HttpTransport,
  name: string,
  env: Readonly<NodeJS.ProcessEnv>,
): Record<string, string> | string {
  const made: Record<string, string> = { ...headers };
  for (const [header, variable] of Object.entries(envHeaders)) {
    const value = env[variable]?.trim() ?? '';
    if (value !== '') made[header] = value;
  }
  if (bearerTokenEnvVar !== null) {
    const token = env[bearerTokenEnvVar] ?? '';
    if (token === '') return `Environment variable ${bearerTokenEnvVar} for MCP server '${name}' is not set`;
    made.authorization = `Bearer ${token}`;
  }
  try {
    return Object.fromEntries(new Headers(made));
  } catch (error) {
    // What is no header is refused by Node; its words name the header.
    return isCode(error) ? messageOf(error) : `a header cannot be sent: ${messageOf(error)}`;
  }
}

/** Whether the configuration itself has a token for the server: no login is needed, and none is used. */
export const hasOwnToken = ({ bearerTokenEnvVar, headers }: HttpTransport): boolean =>
  bearerTokenEnvVar !== null || Object.keys(headers).some((header) => header.toLowerCase() === 'authorization');
