import type { Logger } from '@tributary/api';

const nothing = (): void => {};

/** Says nothing. */
export const testLogger: Logger = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
