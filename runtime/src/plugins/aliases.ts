import type { PluginKind } from '@tributary/api';

/** The suffix that Java drops from the simple name to get the shorter alias. */
const SUFFIX: Partial<Record<PluginKind, string>> = {
  source: 'Connector',
  sink: 'Connector',
  converter: 'Converter',
  header_converter: 'HeaderConverter',
  config_provider: 'ConfigProvider',
};

/**
 * The names by which a class may be called besides its own: its simple name, and that without the suffix of its kind
 * (`FileStreamSourceConnector`, `FileStreamSource`), as Java's PluginUtils has it.
 */
export function aliasesOf(kind: PluginKind, className: string): readonly string[] {
  const simple = className.slice(className.lastIndexOf('.') + 1);
  const suffix = SUFFIX[kind];
  return suffix && simple.endsWith(suffix) && simple !== suffix ? [simple, simple.slice(0, -suffix.length)] : [simple];
}
