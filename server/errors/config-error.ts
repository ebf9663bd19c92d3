/** A value in config.toml or the requirements that cannot be used; the message is what the protocol shows. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigError';
  }
}
