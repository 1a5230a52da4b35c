import { ConfigError } from '@tributary/api';
import { readName } from '../cql/names.ts';

/** Where the value of a column comes from. */
export type MappedSource =
  | { readonly kind: 'field'; readonly path: string }
  /** A timeuuid of the record: the same one each time it is written. */
  | { readonly kind: 'now' }
  /** The beginning of the day, hour or month that a time lies in. */
  | { readonly kind: 'bucket'; readonly unit: Bucket; readonly path: string };

export const BUCKETS = ['hour', 'day', 'month'] as const;
export type Bucket = (typeof BUCKETS)[number];

export interface MappedColumn {
  readonly column: string;
  readonly source: MappedSource;
}

/** What `topic.<topic>.<keyspace>.<table>.mapping` says. */
export interface Mapping {
  readonly columns: readonly MappedColumn[];
  /** The path of the field that holds the time to live; null without one. */
  readonly ttl: string | null;
  /** The path of the field that holds the write time; null: the record's own timestamp. */
  readonly timestamp: string | null;
}

const ROOTS = /^(?:(?:key|value)(?:\.|$)|header\.|__(?:topic|partition|offset|timestamp)$)/;
/** What a quoted field of the DataStax sink begins with: the quotes stand around all of it. */
const QUOTED_ROOT = /^(key|value|header)\.([\s\S]+)$/;

const COLUMN = /\s*(?:("(?:[^"]|"")+")|([^\s=,"]+))\s*=\s*/y;
const CALL = /([A-Za-z_]\w*)\s*\(\s*([^()]*?)\s*\)\s*/y;
const FIELD = /((?:"(?:[^"]|"")+"|[^\s,"()])+)\s*/y;

/**
 * Reads `column=value.field, column2=key, "Other Column"=value."a.b", __ttl=value.ttl, __timestamp=value.ts, id=now(), day=day(value.ts)`.
 * @throws ConfigError that says where it cannot be read
 */
export function parseMapping(text: string): Mapping {
  const columns: MappedColumn[] = [];
  const special = new Map<string, string>();
  const seen = new Set<string>();
  let at = 0;
  const expect = (what: string): never => {
    const rest = text.slice(at).trimStart();
    throw new ConfigError(
      `${what} is expected ${rest === '' ? 'at the end' : `before '${rest.slice(0, 40)}'`}: write column=value.field, column=key.field, column=header.name or column=now(), separated by commas`,
    );
  };
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at = pattern.lastIndex;
    return match;
  };
  for (;;) {
    const name = take(COLUMN) ?? expect('A column and =');
    const column = readName(name[1] ?? name[2]!);
    const call = take(CALL);
    const source = call ? callOf(call[1]!, call[2]!) : fieldOf((take(FIELD) ?? expect('A field'))[1]!);
    if (seen.has(column)) throw new ConfigError(`Column '${column}' is mapped more than once`);
    seen.add(column);
    if (name[2] === '__ttl' || name[2] === '__timestamp') special.set(name[2], pathOf(name[2], source));
    else columns.push({ column, source });
    if (at === text.length) break;
    if (text[at] !== ',') expect('A comma');
    at++;
  }
  return { columns, ttl: special.get('__ttl') ?? null, timestamp: special.get('__timestamp') ?? null };
}

function pathOf(name: string, source: MappedSource): string {
  if (source.kind !== 'field') throw new ConfigError(`${name} takes a field with a number, such as ${name}=value.x`);
  return source.path;
}

function callOf(name: string, argument: string): MappedSource {
  const lower = name.toLowerCase();
  if (lower === 'now' && argument === '') return { kind: 'now' };
  const unit = BUCKETS.find((bucket) => bucket === lower);
  if (unit === undefined || argument === '')
    throw new ConfigError(
      `There is no function ${name}(${argument}): use now(), or hour(field), day(field) or month(field)`,
    );
  return { kind: 'bucket', unit, path: fieldOf(argument).path };
}

function fieldOf(text: string): MappedSource & { kind: 'field' } {
  const quoted = text.startsWith('"') ? QUOTED_ROOT.exec(readName(text)) : null;
  if (quoted) return { kind: 'field', path: `${quoted[1]}."${quoted[2]!.replaceAll('"', '""')}"` };
  if (!ROOTS.test(text))
    throw new ConfigError(
      `'${text}' is no field of a record: it must be key, value, or begin with key., value. or header., or be one of __topic, __partition, __offset, __timestamp, or a function such as now()`,
    );
  return { kind: 'field', path: text };
}
