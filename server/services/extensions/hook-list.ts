/** hooks/list (docs/protocol/services.md §6). codexd lists hooks and does not run them yet. */
import path from 'node:path';
import type { RequestParams, RequestResult } from '../../../schema/registry.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import { discoverHooks } from '../../hooks/discover/discover-hooks.js';

const NOT_RUN =
  'codexd does not run hooks yet: hooks that are trusted here are run by the official program, not by this daemon';

export function listHooks(source: ConfigService, { cwds }: RequestParams<'hooks/list'>): RequestResult<'hooks/list'> {
  const asked = cwds.length === 0 ? [source.sources.cwd] : cwds;
  return {
    data: asked.map((cwd) => {
      const { hooks, warnings, errors } = discoverHooks(source.resolve(path.resolve(source.sources.cwd, cwd)));
      const skipped = hooks.some(({ trustStatus, enabled }) => trustStatus === 'trusted' && enabled);
      return { cwd, hooks, warnings: skipped ? [...warnings, NOT_RUN] : warnings, errors };
    }),
  };
}
