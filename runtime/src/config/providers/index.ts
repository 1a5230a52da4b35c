import type { ConfigProviderDefinition } from '@tributary/api';
import { directoryConfigProvider } from './directory.ts';
import { envVarConfigProvider } from './env.ts';
import { fileConfigProvider } from './file.ts';

/** The config providers that come with the runtime. */
export const builtInConfigProviders = [
  directoryConfigProvider,
  envVarConfigProvider,
  fileConfigProvider,
] as unknown as readonly ConfigProviderDefinition[];
