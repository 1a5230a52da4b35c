export { type TlsKeys, tlsKeys, tlsOptions } from './keys.ts';
export { hasOwnCertificate, identification, TLS_KEYS, tlsMaterial } from './material.ts';
