import { ConnectError } from '@tributary/api';
import type { Fault } from '@tributary/sink-kit';

/** What keeps InfluxDB from taking anything, whatever the records. */
export class InfluxFault extends ConnectError {
  readonly fault: Fault;
  /** The config key that has to do with it. */
  readonly key: string;

  constructor(message: string, fault: Fault, key: string, cause?: unknown) {
    super(message, { cause });
    this.fault = fault;
    this.key = key;
  }
}
