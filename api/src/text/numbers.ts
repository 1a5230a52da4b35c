/** `digits` (no leading zeros) times ten to the power that puts the point behind the first digit, then `exponent` more. */
function write(negative: boolean, digits: string, exponent: number): string {
  const sign = negative ? '-' : '';
  if (exponent < -3 || exponent >= 7) return `${sign}${digits[0]}.${digits.slice(1) || '0'}E${exponent}`;
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

function format(value: number, scientific: string): string {
  const [mantissa, exponent] = scientific.split('e') as [string, string];
  const digits = mantissa.replace(/[-.]/g, '').replace(/(?!^)0+$/, '');
  return write(value < 0, digits, Number(exponent));
}

function special(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  return Number.isNaN(value) ? 'NaN' : value < 0 ? '-Infinity' : 'Infinity';
}

/** A float64 as java.lang.Double.toString writes it (`1.0`, `1.0E10`, `NaN`): the shortest digits that read back as the same. */
export function float64ToString(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value);
  if (value === 0 || !Number.isFinite(value)) return special(value);
  const shortest = value.toExponential();
  // Where one digit is enough, Java takes the nearest number of two digits (4.9E-324).
  return format(value, shortest.includes('.') ? shortest : value.toExponential(1));
}

/** A float32 as java.lang.Float.toString writes it: fewer digits than the same number has as a float64. */
export function float32ToString(value: number): string {
  const float = Math.fround(value);
  if (float === 0 || !Number.isFinite(float)) return special(float);
  let digits = 2;
  let text = float.toExponential(digits - 1);
  while (Math.fround(Number(text)) !== float) text = float.toExponential(++digits - 1);
  return format(float, text);
}
