/** Ticks from a topic into InfluxDB by its client alone: lines made by hand, sent in large writes, some at once. */
import { InfluxDB } from '@influxdata/influxdb-client';
import { type BareJob, consume, Gate } from './consume.ts';

const LINES_PER_WRITE = 5_000;
const WRITES_AT_ONCE = 4;

interface Job extends BareJob {
  readonly url: string;
  readonly org: string;
  readonly bucket: string;
  readonly token: string;
}

interface Tick {
  readonly symbol: string;
  readonly exchange: string;
  readonly price: number;
  readonly size: number;
  readonly bid: number;
  readonly ask: number;
  readonly sequence: number;
  readonly event_time_us: number;
}

const job = JSON.parse(process.argv[2]!) as Job;
const client = new InfluxDB({ url: job.url, token: job.token });
const gate = new Gate(WRITES_AT_ONCE);

await consume(job, async (values) => {
  const lines = values.map((value) => {
    const t = JSON.parse(value.toString()) as Tick;
    return `${job.table},exchange=${t.exchange},symbol=${t.symbol} price=${t.price},size=${t.size},bid=${t.bid},ask=${t.ask},sequence=${t.sequence} ${t.event_time_us}`;
  });
  const sent: Promise<void>[] = [];
  for (let at = 0; at < lines.length; at += LINES_PER_WRITE) {
    const some = lines.slice(at, at + LINES_PER_WRITE);
    sent.push(gate.run(() => writeLines(some)));
  }
  await Promise.all(sent);
});

/** One write, answered: what is sent behind one's back can be lost. */
async function writeLines(lines: string[]): Promise<void> {
  const api = client.getWriteApi(job.org, job.bucket, 'us', {
    batchSize: LINES_PER_WRITE + 1,
    maxRetries: 0,
    // On one machine compression costs more than it saves.
    gzipThreshold: Number.MAX_SAFE_INTEGER,
  });
  api.writeRecords(lines);
  await api.close();
}
