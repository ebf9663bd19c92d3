/** A count of tokens as servers send it: a number, or a text that holds one. Null: neither. */
export function tokens(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : null;
}
