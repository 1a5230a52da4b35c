import { type Props, password, string } from '@tributary/api';
import { type ConfigInfo, check, infoOf } from './checked.ts';
import { soundsSecret } from './secret-keys.ts';

/** A key that no definition knows, but of which there is something to say. */
export function unknownKey(name: string, props: Props, errors: readonly string[]): ConfigInfo {
  const options = { default: null, importance: 'low', doc: 'No definition of this connector has this key.' } as const;
  const key = soundsSecret(name) ? password(options) : string(options);
  const [item] = check({ [name]: key }, props);
  item!.errors.push(...errors);
  return infoOf(item!);
}
