import { ConfigError } from '@tributary/api';

/** What is wrong with one key of the config. */
export class KeyError extends ConfigError {
  static override readonly kind: string = 'KeyError';
  readonly key: string;

  constructor(key: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.key = key;
  }
}
