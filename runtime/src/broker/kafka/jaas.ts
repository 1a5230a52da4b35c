/** The one login module of a `sasl.jaas.config` value, such as `...PlainLoginModule required username="u" password="p";`. */
import { ConfigError } from '@tributary/api';

export interface LoginModule {
  /** Full Java class name. */
  readonly module: string;
  readonly options: ReadonlyMap<string, string>;
}

const KEY = 'sasl.jaas.config';
const TOKEN = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s="';]+)|([=;]))/y;

/** @throws ConfigError that says what is wrong without showing the value, which holds secrets */
export function parseJaas(value: string): LoginModule {
  const [module, flag, ...rest] = tokens(value);
  const wrong = (rule: string): ConfigError =>
    new ConfigError(`Invalid value for configuration ${KEY} (not shown): ${rule}`);
  if (module?.text === undefined) throw wrong('must begin with a login module');
  if (!/^(required|requisite|sufficient|optional)$/i.test(flag?.text ?? ''))
    throw wrong('the login module must be followed by "required"');
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

function tokens(value: string): Token[] {
  const found: Token[] = [];
  const text = value.trim();
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length; ) {
    const match = TOKEN.exec(text);
    if (!match) throw new ConfigError(`Invalid value for configuration ${KEY} (not shown): a quote is not closed`);
    const quoted = match[1] ?? match[2];
    if (quoted !== undefined) found.push({ text: quoted.replace(/\\(.)/gs, '$1') });
    else if (match[3] !== undefined) found.push({ text: match[3] });
    else found.push({ sign: match[4]! });
  }
  return found;
}
