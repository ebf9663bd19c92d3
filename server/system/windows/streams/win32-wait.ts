/** Waiting for objects of Windows without a blocked thread of Node (RegisterWaitForSingleObject). */
import { fault } from '../../../errors/fault.js';
import { functionsOf, memory, type NativeCall } from '../win32-memory.js';
import { systemCalls, type Handle } from '../win32.js';

/** WT_EXECUTEONLYONCE; INFINITE. */
const ONCE = 0x8;
const FOR_EVER = 0xffffffff;

interface Calls {
  readonly waiter: unknown;
  readonly watch: NativeCall;
  readonly unwatch: NativeCall;
}

let bound: Calls | undefined;

function bind(): Calls {
  const koffi = systemCalls();
  const kernel = functionsOf('kernel32.dll');
  return {
    waiter: koffi.pointer(koffi.proto('void __stdcall WaitOrTimerCallback(void *context, uint8_t timedOut)')),
    watch: kernel(
      'int __stdcall RegisterWaitForSingleObject(_Out_ intptr_t *wait, intptr_t object, WaitOrTimerCallback *ended, void *context, uint32_t ms, uint32_t flags)',
    ),
    unwatch: kernel('int __stdcall UnregisterWait(intptr_t wait)'),
  };
}

/**
 * Resolves when the object is signalled: a process has ended, an event has happened. It must stay open until then. The
 * wait does not keep this process alive. Throws `machine.native-module`.
 */
export function whenSignalled(object: Handle): Promise<void> {
  const koffi = systemCalls();
  const { waiter, watch, unwatch } = (bound ??= bind());
  return new Promise((resolve, reject) => {
    const wait = [0];
    const ended = koffi.register(() => {
      unwatch(wait[0]);
      // Not within itself.
      setImmediate(() => koffi.unregister(ended));
      resolve();
    }, waiter);
    if (watch(wait, object, ended, null, FOR_EVER, ONCE) !== 0) return;
    koffi.unregister(ended);
    reject(fault(`an object cannot be waited for (os error ${memory().lastError()})`));
  });
}
