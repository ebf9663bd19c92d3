/** Who may use an object that a call of Windows makes: its SECURITY_ATTRIBUTES. */
import { fault } from '../../errors/fault.js';
import { systemCalls } from './win32.js';
import { win32Security, Win32Error } from './win32-security.js';

/** sizeof(SECURITY_ATTRIBUTES) with 64-bit pointers: its length, the descriptor, whether children inherit. */
const ATTRIBUTES_BYTES = 24;
const DESCRIPTOR_AT = 8;

/**
 * For a descriptor that this program has written. `descriptor` must live as long as `bytes` are used: they have its
 * address.
 */
export function securityAttributes(sddl: string): { readonly bytes: Buffer; readonly descriptor: Buffer } {
  const descriptor = win32Security().descriptor(sddl);
  if (descriptor instanceof Win32Error) throw fault(`${sddl} is not a security descriptor: ${descriptor.toString()}`);
  const bytes = Buffer.alloc(ATTRIBUTES_BYTES);
  bytes.writeUInt32LE(ATTRIBUTES_BYTES, 0);
  bytes.writeBigUInt64LE(BigInt(systemCalls().address(descriptor)), DESCRIPTOR_AT);
  return { bytes, descriptor };
}
