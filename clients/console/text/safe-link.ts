/** The address of a link that a person may follow. Null: another scheme, an address without a host, or no address. */
export function safeLink(text: string): string | null {
  if (!/^https?:\/\//i.test(text)) return null;
  try {
    const url = new URL(text);
    // A user name before the host makes an address look like another one.
    return url.username === '' && url.password === '' ? url.href : null;
  } catch {
    return null;
  }
}
