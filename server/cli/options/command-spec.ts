/** A command of the command line as data: its arguments, its help, and its code. */

export interface OptionSpec {
  /** The long name without dashes. */
  readonly long: string;
  readonly short?: string;
  /** Other long names. */
  readonly aliases?: readonly string[];
  /** The placeholder of the value in help and errors, for example `URL`. Absent: the option is a flag. */
  readonly value?: string;
  readonly help: string;
  /** The option may be repeated. All values count, in order. */
  readonly repeatable?: true;
  /** Commas separate values. */
  readonly separated?: true;
  /** A value that is a word of its own may be followed by more of them, up to the next option or `--`. */
  readonly several?: true;
  /** Exactly this many words are its values; `value` has their placeholders, with blanks between them. */
  readonly takes?: number;
  /** Returns the error in the values of an option with `takes`, or undefined. */
  readonly checkAll?: (values: readonly string[]) => string | undefined;
  readonly required?: true;
  readonly possible?: readonly string[];
  /** Treats an empty value as absent (for paths). */
  readonly nonEmpty?: true;
  /** Returns the error in a value, or undefined. */
  readonly check?: (value: string) => string | undefined;
  /** Options (long names) that this option excludes or needs. */
  readonly conflicts?: readonly string[];
  readonly needs?: readonly string[];
  /**
   * An option that the reference accepts and codexd does not. The text says why and what to do instead: codexd refuses
   * the option with this text.
   */
  readonly unsupported?: string;
}

export interface CommandSpec {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line. */
  readonly about: string;
  /** More lines for the help of the command. */
  readonly details?: string;
  readonly options: readonly OptionSpec[];
  readonly subcommands?: readonly CommandSpec[];
  /**
   * All words from the first one that is not an option are passed on unparsed; with `positionals`, from the first one
   * after these. `name` is their placeholder in help.
   */
  readonly trailing?: { readonly name: string; readonly help: string };
  /** Positional arguments, at most `names.length`. */
  readonly positionals?: {
    readonly names: readonly string[];
    /** The number of required arguments (default: none). */
    readonly required?: number;
    /** The valid words. Absent: any word. */
    readonly possible?: readonly string[];
    readonly help: string;
  };
  /** The option (long name) that a call has in place of trailing words. It needs one of both. */
  readonly trailingOr?: string;
  /** The arguments in the usage line after `[OPTIONS]`. Absent: made from the specs. */
  readonly usage?: string;
  /**
   * Options before the name of a subcommand apply to the subcommand. A subcommand that does not accept them refuses
   * them.
   */
  readonly handsOptionsDown?: true;
  /** The command exists only to refuse a command of the reference. */
  readonly refuses?: true;
  /** Runs the command; returns its exit code, or nothing if the process continues. Absent: needs a subcommand. */
  readonly run?: (parsed: ParsedCommand) => number | void | Promise<number | void>;
}

export interface ParsedCommand {
  /** The path of the command, for example `['app-server', 'proxy']`. */
  readonly path: readonly string[];
  readonly spec: CommandSpec;
  /** `-c`, `--enable` and `--disable`, from before and after the subcommand, in the order of the command line. */
  readonly globals: readonly { readonly name: string; readonly value: string }[];
  /** Values by long name. A flag has `['']`. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** The words of `CommandSpec.positionals`, then those of `trailing`. */
  readonly trailing: readonly string[];
  /** The cassette that `codexd record` before the command named. */
  readonly recordTo: string | null;
}

/** The last value of an option, or null. */
export const valueOf = (parsed: ParsedCommand, long: string): string | null => parsed.values.get(long)?.at(-1) ?? null;
/** Every value of a repeatable option. */
export const valuesOf = (parsed: ParsedCommand, long: string): readonly string[] => parsed.values.get(long) ?? [];
export const isGiven = (parsed: ParsedCommand, long: string): boolean => parsed.values.has(long);

/** Options of every command. */
export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  {
    long: 'config',
    short: 'c',
    value: 'key=value',
    repeatable: true,
    help: 'Set one value of the configuration for this run, over what config.toml says: a dotted key, and a value in TOML syntax (anything else is taken as a string). Example: -c sandbox_mode=workspace-write',
  },
  {
    long: 'enable',
    value: 'FEATURE',
    repeatable: true,
    help: 'Switch a feature on for this run, like -c features.FEATURE=true',
  },
  {
    long: 'disable',
    value: 'FEATURE',
    repeatable: true,
    help: 'Switch a feature off for this run, like -c features.FEATURE=false',
  },
];

/** Options of the program and of app-server, but not of the subcommands of app-server. */
export const STRICT_CONFIG: OptionSpec = {
  long: 'strict-config',
  help: 'Refuse a configuration that has keys which codexd does not know',
};
