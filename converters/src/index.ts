export { RegistryClient } from './registry/client.ts';
export * from './registry/config.ts';
export * from './registry/registry.ts';
export * from './registry/subject-names.ts';
export * from './registry/wire-format.ts';
