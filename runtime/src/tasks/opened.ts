interface Opening {
  open(): Promise<void>;
  /** Lets go of what `open` has opened before it failed. */
  discard(): Promise<void>;
}

/** Opens a task. Nothing of it stays if that fails. */
export async function opened<T extends Opening>(task: T): Promise<T> {
  try {
    await task.open();
  } catch (error) {
    await task.discard();
    throw error;
  }
  return task;
}
