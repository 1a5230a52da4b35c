/** JAAS configs: the one login module of `sasl.jaas.config`, and files with entries of many. */
import { ConfigError } from '@tributary/api';

export interface LoginModule {
  /** Full Java class name. */
  readonly module: string;
  readonly options: ReadonlyMap<string, string>;
}

const KEY = 'sasl.jaas.config';
const TOKEN = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s="';]+)|([=;]))/y;
/** In files braces enclose the entries, and there are comments. */
const FILE_TOKEN =
  /(?:\s|\/\/.*|#.*|\/\*[\s\S]*?\*\/)*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s="';{}]+)|([=;{}])|$)/y;
const FLAG = /^(required|requisite|sufficient|optional)$/i;

type Wrong = (rule: string) => ConfigError;

/**
 * Parses a value such as `...PlainLoginModule required username="u" password="p";`.
 * @throws ConfigError that says what is wrong without showing the value, which holds secrets
 */
export function parseJaas(value: string): LoginModule {
  const wrong: Wrong = (rule) => new ConfigError(`Invalid value for configuration ${KEY} (not shown): ${rule}`);
  return loginModule(tokens(value.trim(), TOKEN, wrong), wrong);
}

/**
 * The login modules of one entry of a JAAS file (`KafkaConnect { module required option="value"; };`).
 * @throws ConfigError that names the file, if it is no such file or has no such entry
 */
export function parseJaasFile(text: string, file: string, entry: string): readonly LoginModule[] {
  const wrong: Wrong = (rule) => new ConfigError(`The JAAS file ${file} cannot be used: ${rule}`);
  const all = tokens(text, FILE_TOKEN, wrong);
  while (all.length > 0) {
    const [name, open] = all.splice(0, 2);
    const end = all.findIndex(({ sign }) => sign === '}');
    if (name?.text === undefined || open?.sign !== '{' || end < 0 || all[end + 1]?.sign !== ';')
      throw wrong('entries must have the form NAME { module required option="value"; };');
    const inside = all.splice(0, end + 2).slice(0, end);
    if (name.text === entry) return loginModules(inside, wrong);
  }
  throw wrong(`it has no entry ${entry} { ... };`);
}

function loginModules(inside: readonly Token[], wrong: Wrong): readonly LoginModule[] {
  const modules: LoginModule[] = [];
  for (let rest = inside; rest.length > 0; ) {
    const end = rest.findIndex(({ sign }) => sign === ';');
    modules.push(loginModule(rest.slice(0, end < 0 ? rest.length : end + 1), wrong));
    rest = end < 0 ? [] : rest.slice(end + 1);
  }
  return modules;
}

function loginModule([module, flag, ...rest]: readonly Token[], wrong: Wrong): LoginModule {
  if (module?.text === undefined) throw wrong('must begin with a login module');
  if (!FLAG.test(flag?.text ?? '')) throw wrong('the login module must be followed by "required"');
  if (rest.pop()?.sign !== ';') throw wrong('must end with a semicolon');
  const options = new Map<string, string>();
  for (let at = 0; at < rest.length; at += 3) {
    const [name, equals, option] = [rest[at], rest[at + 1], rest[at + 2]];
    if (name?.text === undefined || equals?.sign !== '=' || option?.text === undefined)
      throw wrong('options must have the form name="value"');
    options.set(name.text, option.text);
  }
  return { module: module.text, options };
}

interface Token {
  readonly text?: string;
  readonly sign?: string;
}

function tokens(text: string, pattern: RegExp, wrong: Wrong): Token[] {
  const found: Token[] = [];
  for (pattern.lastIndex = 0; pattern.lastIndex < text.length; ) {
    const match = pattern.exec(text);
    if (!match) throw wrong('a quote is not closed');
    const quoted = match[1] ?? match[2];
    if (quoted !== undefined) found.push({ text: quoted.replace(/\\(.)/gs, '$1') });
    else if (match[3] !== undefined) found.push({ text: match[3] });
    else if (match[4] !== undefined) found.push({ sign: match[4] });
  }
  return found;
}
