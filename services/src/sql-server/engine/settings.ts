/** What SET changes. */
export interface Settings {
  xactAbort: boolean;
  noCount: boolean;
  isolation: string;
  /** Milliseconds; negative for no limit. */
  lockTimeout: number;
  identityInsert: string | null;
}

export const defaults = (): Settings => ({
  xactAbort: false,
  noCount: false,
  isolation: 'READ COMMITTED',
  lockTimeout: -1,
  identityInsert: null,
});

/** Sets one option. Those that change nothing here are taken as they are. */
export function setOption(settings: Settings, option: string, value: string): void {
  switch (option) {
    case 'XACT_ABORT':
      settings.xactAbort = value === 'ON';
      break;
    case 'NOCOUNT':
      settings.noCount = value === 'ON';
      break;
    case 'ISOLATION':
      settings.isolation = value;
      break;
    case 'LOCK_TIMEOUT':
      settings.lockTimeout = Number(value);
      break;
  }
}
