import { CodexdError } from './codexd-error.js';

/** The part of the configuration that an error is about, for code that decides by it. All of it may be unknown. */
export interface ConfigErrorAbout {
  /** `requirements`: the administrator's demands are the cause. */
  readonly origin?: 'config' | 'requirements';
  /** The file is not valid TOML. */
  readonly malformed?: boolean;
  /** The key that is wrong, from the root of its file. */
  readonly key?: readonly string[];
  /** The way out, where there is another one than to correct the value. */
  readonly fix?: string;
}

/** A value in config.toml or the requirements that cannot be used; the message is what the protocol shows. */
export class ConfigError extends CodexdError {
  readonly origin: 'config' | 'requirements';
  readonly malformed: boolean;
  readonly key: readonly string[] | null;
  readonly fix: string | null;
  constructor(message: string, { origin = 'config', malformed = false, key, fix }: ConfigErrorAbout = {}) {
    super(origin === 'requirements' ? 'config.requirements' : 'config.invalid', message);
    this.name = 'ConfigError';
    this.origin = origin;
    this.malformed = malformed;
    this.key = key ?? null;
    this.fix = fix ?? null;
  }
}
