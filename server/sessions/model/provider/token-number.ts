/** A count of tokens from a server: a number, or a text with a number. Null: neither. */
export function tokens(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : null;
}
