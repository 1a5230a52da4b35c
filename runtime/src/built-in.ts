import type { Definition } from '@tributary/api';
import { builtInConfigProviders } from './config/providers/index.ts';
import { builtInConverters } from './convert/index.ts';
import { basicAuth } from './rest/extensions/basic-auth.ts';

/** The plugins that come with the runtime. */
export const builtIn: readonly Definition[] = [
  ...builtInConverters,
  ...builtInConfigProviders,
  basicAuth as unknown as Definition,
];
