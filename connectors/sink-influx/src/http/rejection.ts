/** What InfluxDB says of a request that it did not store, or not all of. */
export interface Rejection {
  readonly message: string;
  /** The lines that it may mean, from 0: those that it tells, and numbers of lines in its text. */
  readonly lines: readonly number[];
  /** The lines that it tells as ones that it has refused, from 0. */
  readonly refused: readonly number[];
  /** The lines that it quotes as ones that it cannot read. */
  readonly quoted: ReadonlyArray<{ readonly line: string; readonly reason: string }>;
  /** How many points it says that it dropped; null if it does not say. */
  readonly dropped: number | null;
  /** The request was larger than it takes. */
  readonly tooLarge: boolean;
}

interface Body {
  readonly message?: unknown;
  readonly error?: unknown;
  readonly line?: unknown;
  readonly data?: unknown;
}

/** Reads the answer to a write: that of InfluxDB 2 (`message`), 1 (`error`), 3 (`error` with `data` per line) and QuestDB (`line`). */
export function rejectionOf(status: number, text: string): Rejection {
  const body = parsed(text);
  const details = detailsOf(body);
  const said = [body.message, body.error].find((part) => typeof part === 'string' && part !== '') as string | undefined;
  const message = [said ?? text.trim(), ...new Set(details.map(({ reason }) => reason))].filter(Boolean).join(': ');
  const inText = [...message.matchAll(/\bline (\d+)\b/g)].map(([, number]) => Number(number));
  const told = typeof body.line === 'number' ? [body.line] : [];
  const dropped = DROPPED.exec(message)?.[1];
  return {
    message,
    lines: fromZero([...details.map(({ line }) => line), ...told, ...inText]),
    refused: fromZero(details.map(({ line }) => line)),
    quoted: quotedLines(said ?? ''),
    dropped: dropped === undefined ? null : Number(dropped),
    tooLarge: status === 413,
  };
}

/** At its end: what stands before it holds names, which may be anything. */
const DROPPED = / dropped=(\d+)(?: for database: \S+ for retention policy: \S+)?$/;

const fromZero = (numbers: readonly number[]): readonly number[] =>
  [...new Set(numbers)].filter((number) => number > 0).map((number) => number - 1);

function parsed(text: string): Body {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    return {};
  }
}

function detailsOf({ data }: Body): ReadonlyArray<{ line: number; reason: string }> {
  return [data].flat().flatMap((item) => {
    const { line_number, error_message } = (item ?? {}) as { line_number?: unknown; error_message?: unknown };
    return typeof line_number === 'number' ? [{ line: line_number, reason: String(error_message ?? '') }] : [];
  });
}

const QUOTE = "unable to parse '";

/** `unable to parse '<line>': <reason>`, one below the other; lines can hold anything. */
function quotedLines(message: string): Rejection['quoted'] {
  const start = message.indexOf(QUOTE);
  if (start === -1) return [];
  return message
    .slice(start + QUOTE.length)
    .split(`\n${QUOTE}`)
    .flatMap((item) => {
      const end = item.lastIndexOf("': ");
      return end === -1 ? [] : [{ line: item.slice(0, end), reason: item.slice(end + 3) }];
    });
}
