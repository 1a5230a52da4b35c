import { type Props, parseConfig, type SinkRecord } from '@tributary/api';
import { type SinkRecordInput, sinkRecords } from '@tributary/api/testing';
import { config } from '../../src/config.ts';
import { LineWriter } from '../../src/line/line-writer.ts';
import { type Settings, settingsOf } from '../../src/settings.ts';

/** Keys that every config needs; nothing is connected to. */
export const NOWHERE: Props = { 'influxdb.url': 'http://127.0.0.1:1', 'influxdb.bucket': 'b' };

/** What a config means, or what is wrong with it, as `key: message`. */
export function settings(props: Props): Settings | readonly string[] {
  const all = { ...NOWHERE, ...props };
  const parsed = parseConfig(config, all);
  const problems = [...parsed.errors].flatMap(([key, messages]) => messages.map((message) => `${key}: ${message}`));
  if (problems.length > 0) return problems;
  return settingsOf(parsed.config, all, (key, message) => problems.push(`${key}: ${message}`)) ?? problems;
}

/** The lines that records become, those that are refused as `! message`, in no order that matters. */
export function linesOf(props: Props, ...records: ReadonlyArray<Partial<SinkRecordInput>>): readonly string[] {
  const made = settings(props);
  if (!('points' in made)) throw new Error(made.join('\n'));
  const refused: string[] = [];
  const refuse = (_record: SinkRecord, error: unknown): void => void refused.push(`! ${(error as Error).message}`);
  const points = made.points.fold(
    sinkRecords(records.map((record) => ({ topic: 'm', timestamp: 1, ...record }))),
    refuse,
  );
  const lines = points.flatMap((point) => {
    const out = new LineWriter();
    return made.points.write(point, out, refuse) ? [out.toString()] : [];
  });
  return [...lines, ...refused];
}

/** The line of one record without its time, which is 1 ms. */
export function lineOf(props: Props, record: Partial<SinkRecordInput>): string {
  const [line, ...more] = linesOf(props, record);
  if (line === undefined || more.length > 0) throw new Error(`one line was expected: ${[line, ...more]}`);
  return line.replace(/ 1000000$/, '');
}
