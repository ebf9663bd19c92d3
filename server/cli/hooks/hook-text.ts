/** A hook, as `codexd hooks` shows it to a person. */
import type { HookMetadata } from '../../../schema/protocol/services/hooks.js';

const STATUS: Readonly<Record<HookMetadata['trustStatus'], string>> = {
  managed: 'runs: the administrator requires it',
  trusted: 'runs',
  untrusted: 'does not run: nobody has looked at it',
  modified: 'does not run: it has changed since somebody looked at it',
};

/** Some lines: what it is for and whether it runs, what it does, and its key. */
export function hookText(hook: HookMetadata): string {
  const { eventName, matcher, enabled, trustStatus, timeoutSec, key } = hook;
  const about = matcher === null ? '' : ` ${matcher}`;
  const status = enabled ? STATUS[trustStatus] : 'does not run: it is switched off';
  return [
    `${eventName.charAt(0).toUpperCase()}${eventName.slice(1)}${about}: ${status}`,
    ...whatItDoes(hook).map((line) => `    ${line}`),
    `  at most ${timeoutSec} s; ${key}`,
    '',
  ].join('\n');
}

function whatItDoes(hook: HookMetadata): readonly string[] {
  switch (hook.handlerType) {
    case 'command':
      return hook.command.split('\n');
    case 'mcpTool':
      return [`the tool ${hook.tool} of the MCP server ${hook.server}`];
    default:
      return [`a hook of the type ${hook.handlerType}`];
  }
}
