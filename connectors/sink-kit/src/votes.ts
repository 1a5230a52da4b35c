/** What was seen under each name, with how often: what is there most has the last word, so that one odd value does not decide. */
export class Votes<T> {
  readonly #votes = new Map<string, Map<T, number>>();

  add(name: string, seen: T): void {
    const votes = this.#votes.get(name) ?? new Map<T, number>();
    this.#votes.set(name, votes);
    votes.set(seen, (votes.get(seen) ?? 0) + 1);
  }

  /** What was there most under each name, in the order in which the names came; of what was there as often the first. */
  result(): Map<string, T> {
    const most = ([name, votes]: [string, Map<T, number>]): [string, T] => [
      name,
      [...votes].reduce((most, each) => (each[1] > most[1] ? each : most))[0],
    ];
    return new Map([...this.#votes].map(most));
  }
}
