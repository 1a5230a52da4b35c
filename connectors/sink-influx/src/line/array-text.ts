import { DataError } from '@tributary/api';
import { jsonText } from '@tributary/sink-kit';

/** An array as JSON, with all digits. @throws DataError for what JSON has no text for, such as NaN */
export function arrayText(value: readonly unknown[], name: string): string {
  return jsonText(value, (item) => {
    if (item instanceof Date && Number.isNaN(item.getTime()))
      throw new DataError(`The field '${name}' holds an invalid date`);
    if (typeof item !== 'number') return undefined;
    if (!Number.isFinite(item)) throw new DataError(`The field '${name}' holds ${item}, for which JSON has no text`);
    return Object.is(item, -0) ? '-0' : undefined;
  });
}
