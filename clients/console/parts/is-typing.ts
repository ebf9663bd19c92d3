/** Keys belong to the field that has the focus. */
export const isTyping = ({ target }: { readonly target: EventTarget | null }): boolean =>
  target instanceof HTMLElement && target.matches('input, textarea, select');
