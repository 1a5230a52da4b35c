import type { Properties } from '@tributary/services';
import type { Digest, Input } from './lines.ts';

/** Work that both workers can do, with one connector and one task. */
export interface Scenario {
  readonly name: string;
  readonly what: string;
  readonly direction: 'source' | 'sink';
  /** Left out of a run that names no scenarios. */
  readonly extra?: boolean;
  /** Converters and transforms. */
  readonly config: Properties;
  /** What must be in the destination; null: only that every run leaves the same there. */
  readonly expected: (input: Input) => Digest | null;
}

const CONVERTERS = {
  string: 'org.apache.kafka.connect.storage.StringConverter',
  json: 'org.apache.kafka.connect.json.JsonConverter',
} as const;

const strings: Properties = { 'key.converter': CONVERTERS.string, 'value.converter': CONVERTERS.string };

const json = (schemas: boolean): Properties => ({
  'key.converter': CONVERTERS.json,
  'key.converter.schemas.enable': schemas,
  'value.converter': CONVERTERS.json,
  'value.converter.schemas.enable': schemas,
});

const hoistAndInsert: Properties = {
  transforms: 'hoist,insert',
  'transforms.hoist.type': 'org.apache.kafka.connect.transforms.HoistField$Value',
  'transforms.hoist.field': 'line',
  'transforms.insert.type': 'org.apache.kafka.connect.transforms.InsertField$Value',
  'transforms.insert.static.field': 'origin',
  'transforms.insert.static.value': 'bench',
};

const renameAndExtract: Properties = {
  transforms: 'replace,extract',
  'transforms.replace.type': 'org.apache.kafka.connect.transforms.ReplaceField$Value',
  'transforms.replace.exclude': 'size',
  'transforms.replace.renames': 'note:text',
  'transforms.extract.type': 'org.apache.kafka.connect.transforms.ExtractField$Value',
  'transforms.extract.field': 'text',
};

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'file-to-topic',
    what: 'FileStreamSource, StringConverter',
    direction: 'source',
    config: strings,
    expected: ({ lines }) => lines,
  },
  {
    name: 'topic-to-file',
    what: 'FileStreamSink, StringConverter',
    direction: 'sink',
    config: strings,
    expected: ({ lines }) => lines,
  },
  {
    name: 'file-to-topic-json',
    what: 'FileStreamSource, HoistField, InsertField, JsonConverter with schemas',
    direction: 'source',
    config: { ...json(true), ...hoistAndInsert },
    expected: () => null,
  },
  {
    name: 'topic-to-file-json',
    what: 'FileStreamSink, JsonConverter without schemas, ReplaceField, ExtractField',
    direction: 'sink',
    config: { ...json(false), ...renameAndExtract },
    expected: ({ notes }) => notes,
  },
  {
    name: 'file-to-topic-json-plain',
    what: 'FileStreamSource, HoistField, InsertField, JsonConverter without schemas',
    direction: 'source',
    extra: true,
    config: { ...json(false), ...hoistAndInsert },
    expected: () => null,
  },
];

/** @throws Error that lists the names there are */
export function scenariosNamed(names: readonly string[]): readonly Scenario[] {
  if (names.length === 0) return SCENARIOS.filter(({ extra }) => !extra);
  return names.map((name) => {
    const found = SCENARIOS.find((scenario) => scenario.name === name);
    if (found) return found;
    throw new Error(`There is no scenario '${name}'. They are: ${SCENARIOS.map((one) => one.name).join(', ')}`);
  });
}
