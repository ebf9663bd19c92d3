/**
 * xterm writes its rules into `<style>` elements, which the page's Content-Security-Policy refuses. A sheet that a
 * script constructs is allowed.
 */

/**
 * The document for xterm (`documentOverride`): its style elements are elements without a meaning whose text is the
 * content of a constructed sheet.
 */
export function documentWithSheets(real: Document): Document {
  return new Proxy(real, {
    get(target, name) {
      if (name === 'createElement')
        return (tag: string) => (tag === 'style' ? sheetElement(target) : target.createElement(tag));
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function sheetElement(real: Document): HTMLElement {
  const sheet = new CSSStyleSheet();
  const element = real.createElement('span');
  element.hidden = true;
  real.adoptedStyleSheets.push(sheet);
  Object.defineProperty(element, 'textContent', { set: (text: string) => sheet.replaceSync(text), get: () => '' });
  element.remove = () => {
    real.adoptedStyleSheets = real.adoptedStyleSheets.filter((other) => other !== sheet);
    Element.prototype.remove.call(element);
  };
  return element;
}
