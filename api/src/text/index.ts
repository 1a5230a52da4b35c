/** Values as text and back, as Kafka Connect and the Java classes behind it write and read them. */
export { DateFormat } from './date-format.ts';
export * from './java-numbers.ts';
export { type JavaRegExp, type JavaReplacement, javaRegExp, javaReplacement } from './java-regexp.ts';
export { toJavaString } from './java-string.ts';
export { formatLiteral, numberToString } from './literal-text.ts';
export { parseLiteral } from './literals.ts';
export * from './numbers.ts';
export { type TimeZone, timeZone } from './time-zone.ts';
