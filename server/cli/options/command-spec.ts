/** A command of the command line as data: what it takes, what its help says, and where its code is. */

export interface OptionSpec {
  /** Without the dashes. */
  readonly long: string;
  readonly short?: string;
  /** Other long names. */
  readonly aliases?: readonly string[];
  /** What stands for the value in help and errors, e.g. `URL`; absent: a flag. */
  readonly value?: string;
  readonly help: string;
  /** May be given again: every value counts, in order. */
  readonly repeatable?: true;
  readonly required?: true;
  readonly possible?: readonly string[];
  /** An empty value counts as none: paths. */
  readonly nonEmpty?: true;
  /** What is wrong with a value, or undefined. */
  readonly check?: (value: string) => string | undefined;
  /** Options (long names) that exclude this one, or that it needs. */
  readonly conflicts?: readonly string[];
  readonly needs?: readonly string[];
  /** The reference takes it and codexd does not: why, and what to do instead. Given, it is refused with this. */
  readonly unsupported?: string;
}

export interface CommandSpec {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line. */
  readonly about: string;
  /** More lines for the command's own help. */
  readonly details?: string;
  readonly options: readonly OptionSpec[];
  readonly subcommands?: readonly CommandSpec[];
  /** Everything from the first word that is no option on is taken as it is. `name` stands for it in help. */
  readonly trailing?: { readonly name: string; readonly help: string };
  /** Words that may stand between the options, at most `names.length` of them. */
  readonly positionals?: {
    readonly names: readonly string[];
    /** How many of them must be there (default: none). */
    readonly required?: number;
    /** The words that may stand there; absent: any. */
    readonly possible?: readonly string[];
    readonly help: string;
  };
  /** What was given before the name of a subcommand counts for the subcommand; one that does not take it refuses it. */
  readonly handsOptionsDown?: true;
  /** Only there to refuse what the reference has. */
  readonly refuses?: true;
  /**
   * Runs the command; gives its exit code, or nothing when the process goes on. Absent: needs a subcommand.
   */
  readonly run?: (parsed: ParsedCommand) => number | void | Promise<number | void>;
}

export interface ParsedCommand {
  /** The commands on the way, e.g. `['app-server', 'proxy']`. */
  readonly path: readonly string[];
  readonly spec: CommandSpec;
  /** `-c`, `--enable` and `--disable`, given before or behind the subcommand, in the order of the command line. */
  readonly globals: readonly { readonly name: string; readonly value: string }[];
  /** Values by long name; a flag is `['']`. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** What `CommandSpec.trailing` or `positionals` took; else empty. */
  readonly trailing: readonly string[];
  /** The cassette that `codexd record` in front of the command named. */
  readonly recordTo: string | null;
}

/** The last value of an option, or null. */
export const valueOf = (parsed: ParsedCommand, long: string): string | null => parsed.values.get(long)?.at(-1) ?? null;
/** Every value of an option that may be repeated. */
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

/** Of the program and of app-server, but not of the tools below it. */
export const STRICT_CONFIG: OptionSpec = {
  long: 'strict-config',
  help: 'Refuse a configuration that has keys which codexd does not know',
};
