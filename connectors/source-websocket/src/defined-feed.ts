import { compileCondition } from './condition.ts';
import { completeFeed, type Feed, type PresetOptions, type Timing } from './feed.ts';
import { compileRecords, type RecordsDefinition } from './records.ts';
import { compileTemplate, type TemplateValues } from './template.ts';

/** A feed that is described and not programmed: by the keys of a config, or by a preset in a JSON file. Texts may be templates. */
export interface FeedDefinition {
  readonly name: string;
  readonly urls: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly subprotocols: readonly string[];
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  /** Holds for a message with which the server accepts a subscription. Null: it sends none. */
  readonly acknowledged: string | null;
  /** How many of them there are; null: one for each message sent. */
  readonly acknowledgements: number | null;
  /** Holds for a message with which it refuses the connection. */
  readonly refused: string | null;
  /** Holds for messages without records, beside those; `=pong` for a text that is no JSON. */
  readonly ignored: string | null;
  /** The time between two messages of `subscribe`. Milliseconds. */
  readonly subscribeIntervalMs: number;
  readonly heartbeat: readonly string[];
  readonly symbolsPerConnection: number;
  readonly oneConnection: boolean;
  readonly contiguous: boolean;
  readonly timing: Partial<Timing>;
  readonly records: RecordsDefinition;
}

/** @throws ConfigError for templates, paths and conditions that make no sense */
export function defineFeed(definition: FeedDefinition, options: Pick<PresetOptions, 'key' | 'secret'>): Feed {
  const all = (templates: readonly string[]): ((symbols: readonly string[]) => readonly string[]) => {
    const compiled = templates.map(compileTemplate);
    return (symbols) => {
      const values: TemplateValues = { ...options, symbols };
      return compiled.flatMap((template) => template(values));
    };
  };
  const subscribe = all(definition.subscribe);
  const headers = Object.entries(definition.headers).map(([name, value]) => [name, all([value])] as const);
  const [acknowledged, refused, ignored] = [definition.acknowledged, definition.refused, definition.ignored].map(
    (text) => (text === null ? null : compileCondition(text)),
  );
  const records = compileRecords(definition.records);
  const watches = acknowledged !== null || refused !== null || ignored !== null;
  return completeFeed({
    name: definition.name,
    keySchema: records.keySchema,
    valueSchema: records.valueSchema,
    symbolsPerConnection: definition.symbolsPerConnection,
    oneConnection: definition.oneConnection,
    contiguous: definition.contiguous,
    identified: definition.records.id !== null || definition.records.sequence !== null,
    timing: definition.timing,
    urls: all(definition.urls),
    headers: () => Object.fromEntries(headers.map(([name, value]) => [name, value([])[0]!])),
    subprotocols: () => definition.subprotocols,
    stages(symbols) {
      const send = subscribe(symbols);
      const expects = acknowledged === null ? 0 : (definition.acknowledgements ?? send.length);
      return [{ name: 'subscribe', send, expects, paceMs: definition.subscribeIntervalMs }];
    },
    heartbeat: all(definition.heartbeat),
    goodbye: all(definition.unsubscribe),
    read(data, _binary, output) {
      if (ignored?.(data.toString())) return;
      const message = records.parse(data, watches);
      if (acknowledged?.(message)) return output.acknowledged('subscribe', 1);
      if (refused?.(message)) {
        const text = data.toString().slice(0, 200);
        // Where acknowledgements are waited for as well, those that are granted go on.
        return acknowledged ? output.rejected(text) : output.refused(text, false);
      }
      if (ignored?.(message)) return;
      records.each(message, data, output.item);
    },
  });
}
