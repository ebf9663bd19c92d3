/** Settings of web search. */
import { list, nullish, oneOf, struct, text } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const WebSearchMode = oneOf('WebSearchMode', ['disabled', 'cached', 'indexed', 'live']);
export type WebSearchMode = Wire<typeof WebSearchMode>;

export const WebSearchProvider = oneOf('WebSearchProvider', ['standalone', 'search_mcp']);
export type WebSearchProvider = Wire<typeof WebSearchProvider>;

export const WebSearchContextSize = oneOf('WebSearchContextSize', ['low', 'medium', 'high']);
export type WebSearchContextSize = Wire<typeof WebSearchContextSize>;

export const WebSearchLocation = struct(
  'WebSearchLocation',
  {
    country: nullish(text),
    region: nullish(text),
    city: nullish(text),
    timezone: nullish(text),
  },
  { strict: true },
);
export type WebSearchLocation = Wire<typeof WebSearchLocation>;

export const WebSearchToolConfig = struct(
  'WebSearchToolConfig',
  {
    context_size: nullish(WebSearchContextSize),
    allowed_domains: nullish(list(text)),
    location: nullish(WebSearchLocation),
  },
  { strict: true },
);
export type WebSearchToolConfig = Wire<typeof WebSearchToolConfig>;
