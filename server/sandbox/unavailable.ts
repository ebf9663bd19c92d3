import { type Sandbox, type SandboxStatus, sandboxRefused } from './policy/sandbox.js';

/** A sandbox for platforms without one: it refuses every request. */
export function unavailableSandbox(platform: string): Sandbox {
  const status: SandboxStatus = {
    available: false,
    reason: `codexd has no sandbox for ${platform}`,
    fix: 'run codexd on Linux (WSL 2, a container, a virtual machine), or sandbox the commands yourself and say so (`externalSandbox`)',
  };
  return {
    status: () => Promise.resolve(status),
    wrap: () => Promise.reject(sandboxRefused(`commands cannot be sandboxed here: ${status.reason}; ${status.fix}`)),
  };
}
