/** The terminal of a command. A file of its own, because xterm is larger than the rest of the page. */
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import { documentForXterm, withSheets } from './style-elements.js';

export interface OpenTerminal {
  write(bytes: Uint8Array): void;
  /** Takes the size of its element, and returns it. */
  fit(): { readonly columns: number; readonly rows: number } | null;
  focus(): void;
  dispose(): void;
}

export interface TerminalOptions {
  readonly columns: number | null;
  readonly rows: number | null;
  /** The command accepts input. */
  readonly input: boolean;
  readonly onInput: (text: string) => void;
}

/** Opens a terminal in an element. */
export function openTerminal(element: HTMLElement, options: TerminalOptions): OpenTerminal {
  const style = getComputedStyle(element);
  const terminal = new Terminal({
    cols: options.columns ?? 80,
    rows: options.rows ?? 24,
    disableStdin: !options.input,
    documentOverride: documentForXterm(document),
    fontFamily: style.getPropertyValue('--mono') || 'monospace',
    fontSize: 13,
    scrollback: 10_000,
    screenReaderMode: true,
    theme: { background: '#121417', foreground: '#e4e6e8' },
    // An address in the output may not become a link with another text.
    linkHandler: { activate: () => {} },
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  withSheets(document, () => terminal.open(element));
  terminal.onData(options.onInput);
  return {
    write: (bytes) => terminal.write(bytes),
    fit: () => {
      const size = fit.proposeDimensions();
      if (size === undefined || !Number.isFinite(size.cols) || !Number.isFinite(size.rows)) return null;
      terminal.resize(Math.max(2, size.cols), Math.max(1, size.rows));
      return { columns: terminal.cols, rows: terminal.rows };
    },
    focus: () => terminal.focus(),
    dispose: () => terminal.dispose(),
  };
}
