import { readFileSync } from 'node:fs';
import { ConfigError, isPlainObject, messageOf, type Props } from '@tributary/api';
import { parseProperties } from './properties.ts';

export type InitialState = 'RUNNING' | 'PAUSED' | 'STOPPED';

export interface ConnectorFile {
  readonly name: string;
  readonly config: Props;
  readonly initialState: InitialState | null;
}

/** A JSON object of texts, numbers and booleans as the flat text map that configs are. @throws ConfigError that names the key */
export function flatProps(json: unknown, what: string): Record<string, string> {
  if (!isPlainObject(json)) throw new ConfigError(`${what} must be a JSON object with a value for each key`);
  const props: Record<string, string> = {};
  for (const [key, value] of Object.entries(json)) {
    if (typeof value === 'object' || value === undefined) {
      throw new ConfigError(
        value === null
          ? `${what}: the value of '${key}' is null. Null value can not be supplied as the configuration value.`
          : `${what}: the value of '${key}' is ${Array.isArray(value) ? 'a JSON array; write a list as text with commas' : 'a JSON object; configs are flat'}`,
      );
    }
    Object.defineProperty(props, key, { value: String(value), enumerable: true, configurable: true, writable: true });
  }
  return props;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`The file ${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function readObject(file: string): unknown {
  const text = readText(file);
  const isJson = /^\s*\{/.test(text);
  try {
    return isJson ? JSON.parse(text) : parseProperties(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new ConfigError(`The file ${file} is not valid ${isJson ? 'JSON' : '.properties'}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Reads a worker's config: a .properties file or a flat JSON object. @throws ConfigError that names the file */
export function readWorkerFile(file: string): Props {
  return flatProps(readObject(file), `The file ${file}`);
}

const STATES: readonly string[] = ['RUNNING', 'PAUSED', 'STOPPED'] satisfies InitialState[];

/** @returns undefined if it is none */
export function parseInitialState(value: unknown): InitialState | undefined {
  const state = typeof value === 'string' ? value.toUpperCase() : '';
  return STATES.includes(state) ? (state as InitialState) : undefined;
}

/**
 * Reads a connector's config: .properties, a flat JSON object, or `{ "name", "config", "initial_state"? }` as one POSTs it.
 * @throws ConfigError that names the file
 */
export function readConnectorFile(file: string): ConnectorFile {
  const json = readObject(file);
  const what = `The file ${file}`;
  const wrapped = isPlainObject(json) && isPlainObject(json['config']);
  const config = flatProps(wrapped ? json['config'] : json, what);
  const name = wrapped ? (json['name'] ?? config['name']) : config['name'];
  if (typeof name !== 'string' || name.trim() === '') throw new ConfigError(`${what} has no 'name' for the connector`);
  const initialState = wrapped && json['initial_state'] !== undefined ? parseInitialState(json['initial_state']) : null;
  if (initialState === undefined) {
    throw new ConfigError(
      `${what}: initial_state '${String((json as Record<string, unknown>)['initial_state'])}' is none of ${STATES.join(', ')}`,
    );
  }
  return { name: name.trim(), config: { ...config, name: name.trim() }, initialState };
}
