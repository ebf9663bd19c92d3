/**
 * xterm writes its rules into `<style>` elements, and some colours with `setAttribute('style', …)`. The page's
 * Content-Security-Policy refuses both. A sheet that a script constructs, and the style object of an element, are
 * allowed, so xterm gets elements that use those.
 */

/** The document for the option `documentOverride`. */
export function documentForXterm(real: Document): Document {
  const createElement = (tag: string): HTMLElement => elementForXterm(real, tag);
  return new Proxy(real, {
    get(target, name) {
      if (name === 'createElement') return createElement;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** Runs `open`. A part of xterm does not use the option, and makes its style element with the page's own document. */
export function withSheets(real: Document, open: () => void): void {
  const createElement = real.createElement.bind(real);
  const replaced = (tag: string): HTMLElement =>
    tag === 'style' ? sheetElement(real, createElement) : createElement(tag);
  Object.defineProperty(real, 'createElement', { value: replaced, configurable: true });
  try {
    open();
  } finally {
    Reflect.deleteProperty(real, 'createElement');
  }
}

function elementForXterm(real: Document, tag: string): HTMLElement {
  const createElement = Document.prototype.createElement.bind(real);
  if (tag === 'style') return sheetElement(real, createElement);
  const element = createElement(tag);
  if (tag === 'span') element.setAttribute = setAttribute;
  return element;
}

function setAttribute(this: HTMLElement, name: string, value: string): void {
  if (name === 'style') this.style.cssText = value;
  else Element.prototype.setAttribute.call(this, name, value);
}

/** Stands for a style element: its text is the content of a constructed sheet. */
function sheetElement(real: Document, createElement: (tag: string) => HTMLElement): HTMLElement {
  const sheet = new CSSStyleSheet();
  const element = createElement('span');
  element.hidden = true;
  real.adoptedStyleSheets.push(sheet);
  Object.defineProperty(element, 'textContent', { set: (text: string) => sheet.replaceSync(text), get: () => '' });
  element.remove = () => {
    real.adoptedStyleSheets = real.adoptedStyleSheets.filter((other) => other !== sheet);
    Element.prototype.remove.call(element);
  };
  return element;
}
