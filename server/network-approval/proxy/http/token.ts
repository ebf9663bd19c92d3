/**
 * RFC 9110 §5.6.2: what a method and a field's name are made of. The source of an expression, for expressions that hold
 * tokens among other things.
 */
export const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";

const WHOLE = new RegExp(`^${TOKEN}$`);

export const isToken = (text: string): boolean => WHOLE.test(text);
