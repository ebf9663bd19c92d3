/** The programs of load/, each a process of its own, so that their work is not that of the measure. */
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

export interface Helper {
  /** The next line that it prints. Rejects if it ends before, or prints another line than `wanted`. */
  line(wanted?: string): Promise<string>;
  /** Ends its input. */
  end(): void;
  over(): Promise<unknown>;
}

/** Starts a program of load/, which is stopped by the end of its input. */
export function helper(name: string, args: readonly string[]): Helper {
  const file = path.join(path.dirname(fileURLToPath(import.meta.url)), 'load', name);
  const child = execa(process.execPath, [file, ...args], { stderr: 'inherit', buffer: false });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async line(wanted) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`${name} ended early`);
      if (wanted !== undefined && value !== wanted) throw new Error(`${name} printed ${value}`);
      return value;
    },
    end: () => child.stdin.end(),
    over: () => child,
  };
}
