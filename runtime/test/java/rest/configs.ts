/** Configs that several groups of steps begin with. */
export const SOURCE = { 'connector.class': 'FileStreamSource', topic: 'lines-{tag}' };
export const SINK = { 'connector.class': 'FileStreamSink', topics: 'lines-{tag}', file: '{dir}/out-{tag}.txt' };
export const src = { ...SOURCE, file: '{dir}/in.txt', 'tasks.max': '1' };
export const PACKAGE = 'org.apache.kafka.connect.transforms.';
export const HOIST = {
  transforms: 'mk',
  'transforms.mk.type': `${PACKAGE}HoistField$Value`,
  'transforms.mk.field': 'line',
};
/** A request to create a connector. */
export const create = (name: string, config: object, more: object = {}) =>
  ['POST', '/connectors', { name, config, ...more }] as const;
export const JSON_CONVERTER = { 'value.converter': 'org.apache.kafka.connect.json.JsonConverter' };
