/** The differences from Java that are on purpose. Each has its row in docs/compatibility.md. */
import { isDeepStrictEqual } from 'node:util';
import { type Props, STRING_CONVERTER } from './suites.ts';

export interface Difference {
  readonly class: string;
  readonly props: Props;
  readonly direction: 'fromConnect' | 'toConnect';
  /** The bytes that were read, as text; empty where a value was written. */
  readonly text: string;
  readonly java: { readonly result: unknown; readonly message?: string };
  readonly ours: { readonly result: unknown; readonly message?: string };
}

interface Rule {
  readonly reason: string;
  holds(difference: Difference): boolean;
}

const failed = ({ result }: Difference['ours']): boolean => typeof result === 'symbol';

const FLOAT = /-?\d+\.\d+(?:E-?\d+)?/g;

/** As few digits tell a float32 from its neighbours. */
const FLOAT32_DIGITS = 9;

function sameNumber(java: string, ours: string): boolean {
  if (Number(java) === Number(ours)) return true;
  const digits = ours.replace(/E.*|\D/g, '').length;
  return digits <= FLOAT32_DIGITS && Math.fround(Number(java)) === Math.fround(Number(ours));
}

/** Whether two texts in base64 differ in the digits of floating-point numbers alone. */
function sameNumbers(java: unknown, ours: unknown): boolean {
  if (typeof java !== 'string' || typeof ours !== 'string') return false;
  const [a, b] = [java, ours].map((bytes) => Buffer.from(bytes, 'base64').toString('latin1').replaceAll('\0', ''));
  const [left, right] = [a!.match(FLOAT) ?? [], b!.match(FLOAT) ?? []];
  return a!.replace(FLOAT, '') === b!.replace(FLOAT, '') && left.every((number, i) => sameNumber(number, right[i]!));
}

/** With decimals brought to as few digits as they can have, and integers to 64 bits. */
function inShort(value: unknown): unknown {
  if (Array.isArray(value)) {
    if (value[0] === 'number' && /NaN|Infinity/.test(String(value[1]))) return ['number', 0n];
    if (value[0] === 'number' && /^-?\d+$/.test(String(value[1])))
      return ['number', BigInt.asIntN(64, BigInt(value[1]))];
    if (value[0] !== 'decimal' || value.length !== 3) return value.map(inShort);
    const digits = String(value[1]).replace(/(?!^)0+$/, '');
    return digits === '0'
      ? ['decimal', '0']
      : ['decimal', digits, value[2] - (String(value[1]).length - digits.length)];
  }
  if (typeof value !== 'object' || value === null) return value;
  // A plain object, which parameters are, keeps names that look like array indexes first.
  const sorted = (key: string, item: unknown): unknown =>
    key === 'parameters' ? (item as unknown[]).toSorted() : item;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inShort(sorted(key, item))]));
}

const RULES: readonly Rule[] = [
  {
    reason: 'A struct may have a struct as default; Java compares the schema of the default with one that has it.',
    holds: ({ java, ours }) =>
      !failed(ours) && /Mismatching schema\.|SchemaBuilderException: Invalid default value/.test(java.message ?? ''),
  },
  {
    reason: 'Bytes have no meaning as text.',
    holds: ({ class: name, ours }) => name === STRING_CONVERTER && /Bytes cannot be written/.test(ours.message ?? ''),
  },
  {
    reason: 'A value of another type than that of the schema is refused, where Java takes 0, false, null, or a part.',
    holds: ({ java, ours }) => !failed(java) && /^Invalid (JSON|type) for /.test(ours.message ?? ''),
  },
  {
    reason: 'What is behind the end of the JSON is an error.',
    holds: ({ java, ours }) => !failed(java) && /after the end of the value/.test(ours.message ?? ''),
  },
  {
    reason: 'A Decimal has a scale, also where its values are numbers.',
    holds: ({ ours }) => /^Invalid Decimal schema: the parameter 'scale'/.test(ours.message ?? ''),
  },
  {
    reason: 'Floating-point numbers have no more digits than they need, as from Java 19 on.',
    holds: ({ direction, java, ours }) =>
      direction === 'fromConnect' && !failed(java) && !failed(ours) && sameNumbers(java.result, ours.result),
  },
  {
    reason: 'A whole number that is written with a fraction of zeros is a whole number, also for a date.',
    holds: ({ java, ours }) => !failed(ours) && /underlying representation should be integ/.test(java.message ?? ''),
  },
  {
    reason: 'JSON is UTF-8; Java takes UTF-16 and UTF-32 too.',
    holds: ({ text, java, ours }) => !failed(java) && text.includes('\0') && /^Not valid JSON/.test(ours.message ?? ''),
  },
  {
    reason: 'JSON is valid UTF-8.',
    holds: ({ java, ours }) => !failed(java) && /no valid UTF-8/.test(ours.message ?? ''),
  },
  {
    reason:
      'A Decimal that is read has the scale of its schema, an integer without a schema all its digits, and a NaN is none.',
    holds: ({ direction, java, ours }) =>
      direction === 'toConnect' &&
      !failed(java) &&
      !failed(ours) &&
      isDeepStrictEqual(inShort(java.result), inShort(ours.result)),
  },
  {
    reason: 'A Date has no more than 275,760 years.',
    holds: ({ ours }) => /beyond the years that a Date can hold/.test(ours.message ?? ''),
  },
];

export const acceptedReason = (difference: Difference): string | undefined =>
  RULES.find((rule) => rule.holds(difference))?.reason;
