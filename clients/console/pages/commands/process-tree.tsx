import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Exact } from '../../parts/exact.js';
import { useConsole } from '../../state/console.js';
import { treeOf, type Branch } from '../../text/process-tree.js';

/** Milliseconds between two looks at the processes. */
const LOOK_MS = 2000;

/** The processes of a command, closed at first: each look is work for the daemon. */
export function ProcessTree({ commandId }: { readonly commandId: string }): JSX.Element {
  const { server } = useConsole();
  const open = useSignal(false);
  const branches = useSignal<readonly Branch[]>([]);
  const failure = useSignal<string | null>(null);
  const shown = open.value;
  useEffect(() => {
    if (!shown) return;
    const look = (): void =>
      void server.request('operator/commands/tree', { commandId }).then(
        ({ data }) => ([branches.value, failure.value] = [treeOf(data), null]),
        (error: Error) => (failure.value = error.message),
      );
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, [shown, commandId]);
  return (
    <details class="raw" onToggle={({ currentTarget }) => (open.value = currentTarget.open)}>
      <summary>Processes</summary>
      {failure.value !== null && <p class="reason">{failure.value}</p>}
      <ul class="tree">
        {branches.value.map(({ pid, program, depth }) => (
          <li key={pid} style={{ paddingLeft: `${depth * 18}px` }}>
            <span class="faint number">{pid}</span> <Exact text={program} />
          </li>
        ))}
      </ul>
    </details>
  );
}
