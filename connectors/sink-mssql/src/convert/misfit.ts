import { DataError, describeValue } from '@tributary/api';
import { type Column, declaration } from '../table/info.ts';

/** A value that a column cannot hold. The sink adds the table. */
export class Misfit extends DataError {
  static override readonly kind: string = 'Misfit';
}

/** @param why such as `is out of range` */
export function misfit(column: Column, value: unknown, why: string): Misfit {
  return new Misfit(`Column ${column.name} (${declaration(column)}): ${describeValue(value)} ${why}`);
}
